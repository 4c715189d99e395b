import type { Message, ResultPart } from "@/lib/dialects/messages/Message"
import type { RunKey } from "@/lib/dialects/operations"
import type { Json } from "@/lib/protocol/fields"
import type { OutcomeStatus } from "@/lib/protocol/words"
import type { ModelCall, Sender, Step, StepError, ToolCall, Usage } from "./Step"

/** What stays known of a step after it became a turn: enough to place what arrives later. */
export type Node = {
  id: string
  parent?: string
  role: Step["role"]
  name: string
  start: bigint
  end?: bigint
  /** Nothing above it will be reported: no parent, or one in another process. */
  isTop: boolean
  /** It is a turn, is part of one, or was dropped as a repetition. */
  isDone: boolean
  isAggregate: boolean
  isHidden: boolean
  innerAgent: "turn" | "path"
  usage?: Usage
  error?: StepError
  input?: string
  output?: string
  model?: string
  cost?: number
  children: string[]
  /** What the turn of a model call was without: it may come in another instrumentation's words. */
  lacks?: { usage: boolean; content: boolean; responseId?: string }
  /** When the first tool or agent directly below began. */
  firstWorkAt?: bigint
}

export type HeldStep = { step: Step; dueAt: number; order: number }

/** A tool call that a model of this run asked for. */
export type KnownCall = {
  id?: string
  name: string
  arguments: Json
  digest: string
  order: number
  askedAt: bigint
  isDone: boolean
  /** When its tool began. */
  doneAt?: bigint
}

/** What is known of one call id: how often a model asked, how many tool turns there are, and the newest one's step. */
export type ToolTurns = { asked: number; turns: number; last?: ToolOutline }

/** What tells a tool's step from others; `digest` is that of its arguments. */
export type ToolOutline = Pick<Step, "id" | "parent" | "start" | "end"> & { digest?: string }

/** A tool turn for which no model call was known yet. */
export type UnmatchedTool = { id?: string; name: string; arguments: Json; isBare: boolean }

/** A tool turn made from a later call's history. Its own span may still come: then it began before that call. */
export type RebuiltTool = { id?: string; name: string; arguments: Json; digest: string; before: bigint }

/** The conversation of one agent: the run's own, or that of an agent inside a tool. */
export type Scope = {
  /** Digest → how often the message stood in one input. */
  seen: Map<string, number>
  /** Digests of the last call's input, in order. */
  lastInput: string[]
  calls: KnownCall[]
  /** Digest of name and arguments → number of tool turns. */
  toolCounts: Map<string, number>
  /** Results that the first call's history already held: they belong to earlier runs. */
  earlierCounts: Map<string, number>
  /** The same by call id, for the case that the call of one arrives late; `at`: when the call began that had it. */
  earlierResults: Map<string, { result: ResultPart; digest: string; at: bigint }>
  unmatched: UnmatchedTool[]
  rebuilt: RebuiltTool[]
  hasCalled: boolean
}

/** Parts of a step that come in records of their own, such as log records with the messages of a call. */
export type Completion = {
  model: ModelCall
  /** The messages of `model.input`, by the time of the record that brought them. */
  inputs: { at: bigint; messages: Message[] }[]
  /** It comes in several records, of which none says that it is the last. */
  isPiecemeal?: boolean
  tool: ToolCall
  error?: StepError
  /** Records that are in it already: an exporter may send one twice. */
  seen: Set<string>
  /** What to make of it when the step itself never comes. */
  fallback?: Step
  /** When the fallback is used; undefined: at the end of the run. */
  dueAt?: number
}

export type RunState = {
  key: RunKey
  sender: Sender
  traces: Set<string>
  /** Joined from model calls that have no parent; ends when no further call comes. */
  isBare: boolean
  nodes: Map<string, Node>
  /** Id of a parent that hasn't arrived → its children. */
  orphans: Map<string, string[]>
  /** Waiting to become turns, in order of start. */
  held: HeldStep[]
  heldById: Map<string, HeldStep>
  heldBytes: number
  order: number
  /** Steps that have begun and not ended. */
  open: Map<string, Step>
  /** Ended agents whose place isn't known, and sums of model calls that may still come: it is open whether they are turns. */
  undecided: Step[]
  completions: Map<string, Completion>
  /** Completion keys that became part of a turn. */
  usedKeys: Set<string>
  /** Ids of parents for which a hold has already expired: waiting again is pointless. */
  missedParents: Set<string>
  scopes: Map<string, Scope>
  /** By call id. Servers that number the calls of each answer use the same ids again and again. */
  toolTurns: Map<string, ToolTurns>
  callOrder: number

  isStarted: boolean
  startedAt: bigint
  intent: { text: string; rank: number; at: bigint }
  agentName?: { text: string; at: bigint }
  session?: string
  /** Model calls came without prompts and answers, and none with them. */
  contentIsMissing?: boolean
  /** As the sink knows them. */
  sent: {
    intent?: string
    agentName?: string
    session?: string
    content?: string
    progress?: string
    waiting?: string
  }
  /** A prompt from a separate record, for the next model turn. */
  prompt?: { text: string; at: bigint }
  usedPrompts: Set<string>
  /** The newest call that said itself what it was asked, in nanoseconds. */
  promptsKnownUntil: bigint

  /** Steps whose model turn has no usage: the step around the call may still report it. */
  withoutUsage: Map<string, { responseId: string }>
  modelTurns: number
  /** The last model call by its start. */
  lastModel?: { at: bigint; text: string; error?: StepError; finish?: string }
  /** What the newest turn by its start is. */
  lastTurn?: { at: bigint; kind: string }
  lastEnd: bigint
  lastRecordAt: number
  /** Nothing is waited for any more. */
  isEnding?: boolean
  /** When the run ends if nothing more comes. */
  endsAt: number
  end?: { status: OutcomeStatus | "incomplete" }
}

export function createRun(key: RunKey, sender: Sender, isBare: boolean, now: number): RunState {
  return {
    key,
    sender,
    traces: new Set(),
    isBare,
    nodes: new Map(),
    orphans: new Map(),
    held: [],
    heldById: new Map(),
    heldBytes: 0,
    order: 0,
    open: new Map(),
    undecided: [],
    completions: new Map(),
    usedKeys: new Set(),
    missedParents: new Set(),
    scopes: new Map(),
    toolTurns: new Map(),
    callOrder: 0,
    isStarted: false,
    startedAt: 0n,
    intent: { text: sender.title ?? sender.agentId, rank: 0, at: 0n },
    sent: {},
    usedPrompts: new Set(),
    promptsKnownUntil: 0n,
    withoutUsage: new Map(),
    modelTurns: 0,
    lastEnd: 0n,
    lastRecordAt: now,
    endsAt: Number.POSITIVE_INFINITY,
  }
}

export function createScope(): Scope {
  return {
    seen: new Map(),
    lastInput: [],
    calls: [],
    toolCounts: new Map(),
    earlierCounts: new Map(),
    earlierResults: new Map(),
    unmatched: [],
    rebuilt: [],
    hasCalled: false,
  }
}
