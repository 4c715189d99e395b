import type { Message, ResultPart } from "@/lib/dialects/messages/Message"
import type { RunKey } from "@/lib/dialects/operations"
import type { Json } from "@/lib/protocol/fields"
import type { OutcomeStatus } from "@/lib/protocol/words"
import type { ModelCall, Sender, Step, StepError, ToolCall, Usage } from "./Step"

/** What is kept of a step after it has become a turn: enough to place records that arrive later. */
export type Node = {
  id: string
  parent?: string
  role: Step["role"]
  name: string
  start: bigint
  end?: bigint
  /** True if nothing above it will be reported: it has no parent, or one in another process. */
  isTop: boolean
  /** True if it is a turn, is part of one, or was dropped as a duplicate. */
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
  /** What the turn of a model call lacks. It may arrive in a record of another instrumentation. */
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
  /** When the tool started. */
  doneAt?: bigint
}

/** What is known about one call id: how often a model used it, how many tool turns have it, and the newest of these. */
export type ToolTurns = { calls: number; turns: number; last?: ToolOutline }

/** What identifies a tool's step. `digest` is that of its arguments. */
export type ToolOutline = Pick<Step, "id" | "parent" | "start" | "end"> & { digest?: string }

/** A tool turn that no known model call requested. */
export type UnmatchedTool = { id?: string; name: string; arguments: Json; isBare: boolean }

/** A tool turn built from a later call's history. Its own span may still arrive; it then started before that call. */
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
  /** The same by call id, in case one of the calls arrives late. `at`: when the call with that history started. */
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
  /** Set if it arrives in several records, none of which says that it is the last. */
  isPiecemeal?: boolean
  tool: ToolCall
  error?: StepError
  /** Records that it already includes: an exporter may send one twice. */
  seen: Set<string>
  /** The step to create if the actual one never arrives. */
  fallback?: Step
  /** When the fallback is used; undefined: at the end of the run. */
  dueAt?: number
}

export type RunState = {
  key: RunKey
  sender: Sender
  traces: Set<string>
  /** True if the run consists of model calls without a parent. It ends when no more of them arrive. */
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
  /** Ids of parents for which a hold has already expired: holding more steps for them is pointless. */
  missedParents: Set<string>
  scopes: Map<string, Scope>
  /** By call id. Servers that number the calls of each answer reuse ids. */
  toolTurns: Map<string, ToolTurns>
  callOrder: number

  isStarted: boolean
  startedAt: bigint
  intent: { text: string; rank: number; at: bigint }
  agentName?: { text: string; at: bigint }
  session?: string
  /** True if model calls arrived without prompts and answers, and none with them. */
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

  /** Parents of model turns without usage. A parent may still report it. */
  withoutUsage: Map<string, { responseId: string }>
  modelTurns: number
  /** The model call with the latest start. */
  lastModel?: { at: bigint; text: string; error?: StepError; finish?: string }
  /** The kind of the turn with the latest start. */
  lastTurn?: { at: bigint; kind: string }
  lastEnd: bigint
  lastRecordAt: number
  /** True while the run is being ended: nothing is held any more. */
  isEnding?: boolean
  /** When the run ends if nothing more arrives. */
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
    bytes: 0,
    timesDropped: 0,
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
