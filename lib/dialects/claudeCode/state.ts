import type { ShownActivity } from "@/lib/dialects/activityOperations"
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
  /** The process that made the call is gone, or the user has continued without its result. */
  stale?: true
}

/** A compaction whose summary follows in the next record. */
type PendingCompaction = { turn: DialectTurn }

export type ClaudeCodeState = ShownActivity & {
  started: boolean
  /** System events from before the run's start. */
  heldTurns: TurnOperation[]
  /** Records that may be copies of another session's; see `admitRecord`. */
  heldRecords: JsonObject[] | undefined
  heldSince: number | undefined
  /** The time of the file's first queue operation. Older records were copied from another session. */
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
  /** Ids of messages that already have a turn. The message's usage is in its first turn. */
  recorded: BoundedMap<string, true>
  /** When each request was sent to the model, by request id. */
  requests: BoundedMap<string, ForeignTime>
  calls: BoundedMap<string, OpenCall>
  /** The time of the newest record before the model's next answer. */
  lastAt: ForeignTime | undefined
  /** The newest time in any record. */
  seenAt: ForeignTime | undefined
  /** A sub-agent's task, until the turn of its first answer has recorded it. */
  task: string | undefined
  /** True while a prompt has no final answer. */
  promptOpen: boolean
  interrupted: boolean
  /** The error if the model's last call failed permanently. */
  modelError: string | undefined
  lastAnswer: string | undefined
  title: { text: string; rank: number } | undefined
  model: string | undefined
  process: { status: ProcessStatus; waitingFor: string | undefined } | undefined
  /** Number of records of unknown types, by type. */
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

/** Returns the calls that the running process may still answer. */
export function activeCalls(state: ClaudeCodeState): OpenCall[] {
  return [...state.calls.values()].filter((call) => call.stale === undefined)
}
