import type { Message } from "@/lib/dialects/messages/Message"
import type { RunKey, RunSource } from "@/lib/dialects/operations"
import type { Json } from "@/lib/protocol/fields"
import type { TurnInput } from "@/lib/protocol/turn"

export type Usage = NonNullable<TurnInput["usage"]>

export type StepError = { message: string; type?: string; code?: string; stack?: string }

/** One call of a model. `input` repeats the whole history in most dialects, or holds only what is new. */
export type ModelCall = {
  input?: Message[]
  output?: Message[]
  model?: string
  usage?: Usage
  cost?: number
  finish?: string
  responseId?: string
}

export type ToolCall = {
  arguments?: Json
  /** The sender unwraps a single argument, so that only its value is known: the model's call has the rest. */
  isBare?: boolean
  result?: Json
  callId?: string
  /** Control goes to another agent. */
  isHandoff?: boolean
  rejectedBy?: string
  exitCode?: number
}

/**
 * One record of a trace in the terms of a run, whatever format it came in: a span, a LangSmith run, an object of
 * OpenAI Agents' exporter.
 */
export type Step = {
  trace: string
  id: string
  parent?: string
  /** The parent belongs to another process and may never be reported. */
  parentIsRemote?: boolean
  /** `context` is everything that isn't part of an agent's work: HTTP, databases. */
  role: "agent" | "model" | "tool" | "chain" | "context"
  name: string
  /** Nanoseconds since the epoch. */
  start: bigint
  /** Undefined while it runs. */
  end?: bigint
  model?: ModelCall
  tool?: ToolCall
  error?: StepError
  /** On agents and chains: the sum of everything below. */
  usage?: Usage
  cost?: number
  /** On agents and chains: what it was asked, what it answered. */
  input?: string
  output?: string
  /** A model step that sums up other model steps below it. */
  isAggregate?: boolean
  /** An agent inside another one becomes a separate turn (the default) or only part of the path. */
  innerAgent?: "turn" | "path"
  /** Plumbing of the framework, of no interest in a path. */
  isHidden?: boolean
  agentName?: string
  session?: string
  conversation?: string
  /** Names by which later or earlier records complete this step: a request id, a call id. */
  completedBy?: string[]
  /** Extra attributes for the turn. */
  attributes?: { [name: string]: Json }
}

/** Who sent a step, and which run it belongs to unless its trace decides. */
export type Sender = {
  agentId: string
  source: RunSource
  /** Tells processes of one service apart. */
  instance: string
  /** A session that spans many traces: the run's key. Ends by silence; an ended agent waits for the next prompt. */
  sessionKey?: RunKey
  /** The run's title until something better is known. */
  title?: string
  labels?: { [name: string]: string }
}
