import type { Message } from "@/lib/dialects/messages/Message"
import type { RunKey, RunSource } from "@/lib/dialects/operations"
import type { Json } from "@/lib/protocol/fields"
import type { TurnInput } from "@/lib/protocol/turn"

export type Usage = NonNullable<TurnInput["usage"]>

export type StepError = { message: string; type?: string; code?: string; stack?: string }

/** One model call. In most dialects, `input` repeats the whole history; in some, it contains only new messages. */
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
  /** True if the result says that the tool failed, although its step didn't. */
  hasFailed?: boolean
  /** True if the sender unwraps a single argument, so that its name is only known from the model's call. */
  isBare?: boolean
  result?: Json
  callId?: string
  /** True if control passes to another agent. */
  isHandoff?: boolean
  /** True for a request to a tool's server (MCP), which is the same call as the tool step above it. */
  isTransport?: true
  rejectedBy?: string
  exitCode?: number
}

/**
 * One record of a trace, independent of its format: a span, a LangSmith run, an object of OpenAI Agents' exporter.
 */
export type Step = {
  trace: string
  id: string
  parent?: string
  /** True if the parent belongs to another process and may never be reported. */
  parentIsRemote?: boolean
  /** `context` is everything that isn't part of an agent's work: HTTP, databases. */
  role: "agent" | "model" | "tool" | "chain" | "context"
  name: string
  /** Nanoseconds since the epoch. */
  start: bigint
  /** Undefined while the step is running. */
  end?: bigint
  model?: ModelCall
  tool?: ToolCall
  error?: StepError
  /** On agents and chains: the total of all steps below. */
  usage?: Usage
  cost?: number
  /** On agents and chains: the request and the answer. */
  input?: string
  output?: string
  /** True for a model step that sums up other model steps below it. */
  isAggregate?: boolean
  /** What an agent inside another agent becomes: a separate turn (the default), or only part of the path. */
  innerAgent?: "turn" | "path"
  /** True for internal steps of a framework, which are omitted from paths. */
  isHidden?: boolean
  agentName?: string
  session?: string
  conversation?: string
  /** Keys by which other records complete this step: a request id, a call id. */
  completedBy?: string[]
  /** Additional attributes of the turn. */
  attributes?: { [name: string]: Json }
}

/** An exception in a log record. It belongs to the run of its trace. */
export type LoggedException = {
  /** Identifies the record, so that a record sent twice becomes only one turn. */
  id: string
  trace: string
  /** The span in which it was logged. */
  span?: string
  at: bigint
  error: StepError
  /** The log record's text. */
  text?: string
  logger?: string
}

/** Who sent a step, and, if its trace doesn't decide that, which run the step belongs to. */
export type Sender = {
  agentId: string
  source: RunSource
  /** Distinguishes processes of one service. */
  instance: string
  /** The run's key if a session spans many traces. The run ends after a silence, since another prompt may follow. */
  sessionKey?: RunKey
  /** The run's title until a better one is known. */
  title?: string
  labels?: { [name: string]: string }
}
