import { BoundedMap } from "@/lib/dialects/BoundedMap"
import type { JsonObject } from "@/lib/dialects/json"
import type { DialectTurn, ForeignTime, TurnOperation } from "@/lib/dialects/operations"
import type { ProcessStatus } from "@/lib/dialects/session"
import { type CostLedger, emptyLedger } from "./CostLedger"

/** An answer of the model that is still being written, block by block. */
export type PendingMessage = {
  id: string
  texts: string[]
  thinking: string[]
  model: string | undefined
  usage: JsonObject | undefined
  stopReason: string | undefined
  aborted: boolean
  startedAt: ForeignTime | undefined
  /** The time of the newest block. */
  at: ForeignTime | undefined
}

export type OpenCall = {
  name: string
  input: unknown
  at: ForeignTime | undefined
  /** The process that made the call is gone, or the person went on without its result. */
  stale?: true
}

/** A compaction whose summary follows in the next record. */
type PendingCompaction = { turn: DialectTurn }

export type ClaudeCodeState = {
  started: boolean
  /** System events from before the run's start. */
  heldTurns: TurnOperation[]
  /** Records that may be copies of another session's; see `admitRecord`. */
  heldRecords: JsonObject[] | undefined
  heldSince: number | undefined
  /** The file's first queue operation: what is older was copied from another session. */
  firstQueuedAt: ForeignTime | undefined
  /** The session that this one was forked from. */
  origin: string | undefined
  cwd: string | undefined
  worktreeOf: string | undefined
  branch: string | undefined
  version: string | undefined
  message: PendingMessage | undefined
  compaction: PendingCompaction | undefined
  costs: CostLedger
  /** Ids of messages that have a turn already, and so their usage. */
  recorded: BoundedMap<string, true>
  /** When a request was sent to the model, by its id. */
  requests: BoundedMap<string, ForeignTime>
  calls: BoundedMap<string, OpenCall>
  /** The newest record that the model's next answer follows. */
  lastAt: ForeignTime | undefined
  /** The newest time that a record states. */
  seenAt: ForeignTime | undefined
  /** The task of a sub-agent, until its first answer shows it. */
  task: string | undefined
  /** A prompt has no final answer yet. */
  promptOpen: boolean
  interrupted: boolean
  /** The last call of the model failed for good. */
  modelError: string | undefined
  lastAnswer: string | undefined
  title: { text: string; rank: number } | undefined
  model: string | undefined
  process: { status: ProcessStatus; waitingFor: string | undefined } | undefined
  /** What was last emitted as progress and waiting, to emit changes only. */
  shownProgress: string
  shownWaiting: string
  /** Records of no known kind, by type. */
  skipped: Record<string, number>
}

export function initialState(): ClaudeCodeState {
  return {
    started: false,
    heldTurns: [],
    heldRecords: undefined,
    heldSince: undefined,
    firstQueuedAt: undefined,
    origin: undefined,
    cwd: undefined,
    worktreeOf: undefined,
    branch: undefined,
    version: undefined,
    message: undefined,
    compaction: undefined,
    costs: emptyLedger(),
    recorded: new BoundedMap(500),
    requests: new BoundedMap(100),
    calls: new BoundedMap(500),
    lastAt: undefined,
    seenAt: undefined,
    task: undefined,
    promptOpen: false,
    interrupted: false,
    modelError: undefined,
    lastAnswer: undefined,
    title: undefined,
    model: undefined,
    process: undefined,
    shownProgress: "",
    shownWaiting: "",
    skipped: {},
  }
}

/** Calls that the running process may still answer. */
export function activeCalls(state: ClaudeCodeState): OpenCall[] {
  return [...state.calls.values()].filter((call) => call.stale === undefined)
}
