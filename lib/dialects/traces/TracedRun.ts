import type { Message, ResultPart } from "@/lib/dialects/messages/Message"
import type { RunKey } from "@/lib/dialects/operations"
import type { OutcomeStatus } from "@/lib/protocol/enums"
import type { Json } from "@/lib/protocol/fields"
import type { LoggedException, ModelCall, Sender, Step, StepError, ToolCall, Usage } from "./Step"

/** What is kept of a step after it has become a turn: enough to place records that arrive later. */
export type Node = {
  id: string
  parent?: string
  role: Step["role"]
  name: string
  start: bigint
  end?: bigint
  /** True if nothing above it will be reported: it has no parent, or its parent is in another process. */
  isTop: boolean
  /** True if the step has become a turn, is part of a turn, or was dropped as a duplicate. */
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
  /** What the turn of a model call lacks. The missing data may arrive from another instrumentation. */
  lacks?: { usage: boolean; content: boolean; responseId?: string }
  /** When the first tool or agent directly below it started. */
  firstWorkAt?: bigint
}

export type HeldStep = { step: Step; dueAt: number; order: number }

/** A tool call requested by a model of this run. */
export type KnownCall = {
  id?: string
  name: string
  arguments: Json
  digest: string
  order: number
  askedAt: bigint
  isDone: boolean
  /** When the tool that executed this call started, if known. */
  doneAt?: bigint
}

/** What is known about one call id: how often models used it, how many tool turns have it, and the newest of those. */
export type ToolTurns = { calls: number; turns: number; last?: ToolOutline }

/** What identifies a tool's step. `digest` is the digest of its arguments. */
export type ToolOutline = Pick<Step, "id" | "parent" | "start" | "end"> & { digest?: string }

/** A tool turn that no known model call requested. */
export type UnmatchedTool = { id?: string; name: string; arguments: Json; isBare: boolean }

/** A tool turn built from a model call's history. The tool's own span, which started `before` the call, may follow. */
export type RebuiltTool = { id?: string; name: string; arguments: Json; digest: string; before: bigint }

/** The conversation of one agent: the run's own, or that of an agent inside a tool. */
export type Scope = {
  /** Digest → how often the message occurred in one input. */
  seen: Map<string, number>
  /** Digests of the last call's input, in order. */
  lastInput: string[]
  calls: KnownCall[]
  /** Digest of name and arguments → number of tool turns. */
  toolCounts: Map<string, number>
  /** Results in the first call's history, which belong to earlier runs: digest → number. */
  earlierCounts: Map<string, number>
  /**
   * The same results by call id, in case they belong to this run after all, because a model call arrived late. `at`:
   * when the model call with that history started.
   */
  earlierResults: Map<string, { result: ResultPart; digest: string; at: bigint }>
  unmatched: UnmatchedTool[]
  rebuilt: RebuiltTool[]
  hasCalled: boolean
}

/** Parts of a step that arrive as separate records, such as log records with the messages of a call. */
export type Completion = {
  model: ModelCall
  /** The messages of `model.input`, with the time of the record that contained them. */
  inputs: { at: bigint; messages: Message[] }[]
  /** True if the parts arrive in several records and none of them is marked as the last. */
  isPiecemeal?: boolean
  tool: ToolCall
  error?: StepError
  /** Ids of the records already included, because an exporter may send a record twice. */
  seen: Set<string>
  /** The step to create if the actual one never arrives. */
  fallback?: Step
  /** When the fallback is used. Undefined if it is only used at the end of the run. */
  dueAt?: number
}

/** A logged exception that waits for its span, which may report the same exception. */
export type HeldException = LoggedException & {
  /** When it becomes a turn if the spans that may report it have ended. */
  heldUntil: number
  settledAt: number
}

/** What is kept of a run while its steps arrive. */
export type TracedRun = {
  key: RunKey
  sender: Sender
  traces: Set<string>
  /** True if the run consists of model calls without a parent. Such a run ends when no more calls arrive. */
  isBare: boolean
  nodes: Map<string, Node>
  /** Id of a parent that hasn't arrived → ids of its children. */
  orphans: Map<string, string[]>
  /** Steps that wait to become turns, in order of start. */
  held: HeldStep[]
  heldById: Map<string, HeldStep>
  heldBytes: number
  /** An upper bound of the state's size, in units of `sizeOf`. Records only add to it until it is measured again. */
  bytes: number
  /** How often context was dropped because the state was too large. */
  timesDropped: number
  order: number
  /** Steps that have started but not ended. */
  open: Map<string, Step>
  /** Steps that may become turns: agents whose place is unknown, and totals of calls that may still arrive. */
  undecided: Step[]
  completions: Map<string, Completion>
  /** Completion keys that became part of a turn. */
  usedKeys: Set<string>
  /** Ids of parents that didn't arrive before a child's hold expired. Their other children are held only briefly. */
  missedParents: Set<string>
  /** Logged exceptions that wait to become turns. */
  exceptions: HeldException[]
  /** Ids of the logged exceptions so far. */
  exceptionsSeen: Map<string, true>
  /** The logged exceptions that became turns, by span. */
  logged: Map<string, StepError[]>
  scopes: Map<string, Scope>
  /** Tool turns by call id. Servers that number the calls of each answer reuse ids. */
  toolTurns: Map<string, ToolTurns>
  callOrder: number

  isStarted: boolean
  startedAt: bigint
  intent: { text: string; rank: number; at: bigint }
  agentName?: { text: string; at: bigint }
  session?: string
  /** True if model calls have arrived, but none with prompts or answers. */
  contentIsMissing?: boolean
  /** Values as last sent to the sink. */
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
  /** Start of the newest call that contained its own prompt, in nanoseconds. */
  promptsKnownUntil: bigint

  /** Parents of model turns without usage. A parent may still report the usage. */
  withoutUsage: Map<string, { responseId: string }>
  modelTurns: number
  /** The model call with the latest start. */
  lastModel?: { at: bigint; text: string; error?: StepError; finish?: string }
  /** The kind of the turn with the latest start. */
  lastTurn?: { at: bigint; kind: string }
  lastEnd: bigint
  lastRecordAt: number
  /** True while the run is being ended: nothing is held anymore. */
  isEnding?: boolean
  /** When the run ends if nothing more arrives. */
  endsAt: number
  end?: { status: OutcomeStatus | "incomplete" }
}

export function createTracedRun(key: RunKey, sender: Sender, isBare: boolean, now: number): TracedRun {
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
    bytes: 0,
    timesDropped: 0,
    order: 0,
    open: new Map(),
    undecided: [],
    completions: new Map(),
    usedKeys: new Set(),
    missedParents: new Set(),
    exceptions: [],
    exceptionsSeen: new Map(),
    logged: new Map(),
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
