import type { TurnSearchPage } from "@/lib/protocol/catalogue"
import type { RunFilter } from "@/lib/protocol/commands"
import type {
  AgentOutcome,
  Interruption,
  LastError,
  ParentRef,
  RunRef,
  RunSource,
  RunTermination,
  RunTotals,
} from "@/lib/protocol/run"
import type { RunSort, RunStatus, SortOrder } from "@/lib/protocol/words"
import type { TurnShare } from "@/lib/trace/responseUsage"
import type { TurnSearchQuery } from "@/server/search/TurnScan"
import type { RunHit } from "@/server/search/turnHit"

/** A stored run: everything in a `RunSummary` that doesn't come from live connections. */
export type RunRow = {
  run_id: string
  agent_id: string
  agent_name?: string
  client_id: string
  intent: string
  outcome_description?: string
  started_at: string
  ended_at?: string
  status: RunStatus
  termination?: RunTermination
  cursor: number
  disconnected_at?: string
  last_turn_at?: string
  cancel_requested_at?: string
  cancel_reason?: string
  parent?: ParentRef
  child_count: number
  labels: Record<string, string>
  source?: RunSource
  grace_ms?: number
  continues?: RunRef
  continued_by?: RunRef
  reopenings?: number
  interruptions?: Interruption[]
  imported?: true
  totals: RunTotals
  /** Of the newest turn that failed. */
  last_error?: LastError
  /** The connection that last started, took over or wrote to the run; fences an `incomplete` end. */
  owner: string
  /** When the server created the run, if `started_at` came from the agent. */
  received_at?: string
  /** When the run ended by the server's clock. Retention counts from here. */
  retained_from?: string
}

/** A turn made ready for storing: JSON texts of objects without `index` and `recorded_at`, which the store puts first. */
export type EncodedTurn = {
  /** The whole turn. */
  body: string
  /** The turn as cut for the wire, when that differs; holds `truncated`. */
  preview?: string
  /** A `TurnOutline` without `index` and `recorded_at`. */
  outline: string
  /** The first line of its error, empty if nothing is said about it. Absent if it didn't fail. */
  error?: string
} & TurnShare

export type NewRun = {
  run_id: string
  agent_id: string
  agent_name?: string
  client_id: string
  intent: string
  outcome_description?: string
  started_at: string
  parent?: ParentRef
  labels: Record<string, string>
  source?: RunSource
  grace_ms?: number
  /** The run that this one continues gets `continued_by`, if it exists and belongs to one of `writer`. */
  continues?: RunRef
  received_at?: string
  imported?: true
  idempotency_key?: string
  owner: string
  /** Agent-id patterns of the caller. */
  writer: readonly string[]
}

/** The end of an imported run. */
export type ImportFinish = {
  run_id: string
  owner: string
  /** When the import ended, from when retention counts. */
  retained_from: string
  end?: { termination: RunTermination; ended_at: string; interruptions?: Interruption[] }
}

/** The descriptive fields of a run that may change while it is in progress. */
export type RunChanges = {
  intent?: string
  agent_name?: string
  outcome_description?: string
  /** Added to the run's labels; an empty value removes a label. */
  labels?: Record<string, string>
}

export type AppendBatch = {
  run_id: string
  /** Agent-id patterns of the writer; a run of another agent is answered like an unknown one. */
  writer: readonly string[]
  owner: string
  turns: readonly EncodedTurn[]
  /** Becomes every turn's `recorded_at`, unless the run's last turn is later: times of one run never go back. */
  recorded_at: string
  idempotency_key?: string
  expected_index?: number
  maxTurns: number
  fence?: Fence
}

/**
 * `continue`: the writer had the run before, so the write is refused as `fenced` if another node has taken the run over since.
 * A store that only one process uses ignores it.
 */
export type Fence = "continue" | undefined

/** An expected failure of a store, as a value. `status` and `cursor` are the run's. */
export type StoreRefusal = {
  ok: false
  code: "not_found" | "already_terminal" | "index_conflict" | "too_large" | "forbidden" | "fenced"
  row?: RunRow
}
export type Stored<T> = ({ ok: true } & T) | StoreRefusal
export type AppendResult = Stored<{
  base_index: number
  count: number
  duplicate: boolean
  recorded_at: string
  row: RunRow
}>

/** What a list is sorted by. Equal values are ordered by start and id, in the same direction. */
export type ListSort = { by: RunSort; order: SortOrder }

/** Which runs may be read and which of them are wanted. `readers` are agent-id patterns. */
export type RunQuery = {
  readers: readonly string[]
  filter: RunFilter
  /**
   * Terms of the filter's `q` may also be in the run's turns, each in one of them. A turn is found some seconds after it
   * was stored. A page may end before its limit, with `next`, once enough turns were read.
   */
  inTurns?: boolean
  /** Only these runs. */
  runIds?: readonly string[]
  /** Asks for the counts that `count` would give of the same runs, in one go. */
  counts?: { failedSince?: string }
  /** Without it, newest first. With another order than by start, only ended runs are listed: the others' values change. */
  sort?: ListSort
  /** Opaque `next` of the page before, which had the same `sort`. */
  before?: string
  limit: number
}
/** `hits`: where `q` was found, by run, with `inTurns`; a run whose turns are too long to look through has none. */
export type RunPage = {
  rows: RunRow[]
  next?: string
  hits?: Record<string, RunHit>
  counts?: StatusCounts
  /** The counts are at most: not all runs that may be found were read. */
  countsAreExact?: false
}
export type StatusCounts = { in_progress: number; completed: number; incomplete: number; failed: number }

/** Turns `from …` of a run as JSON texts with `index` and `recorded_at` in front, in order. */
export type TurnPage = { from: number; turns: string[] }

/** What a store has yet to do. */
export type StoreFigures = {
  /** Writes waiting for a commit, and the bytes of the turns among them. */
  writes: number
  writeBytes: number
  /** Stored turns that aren't in the search index yet, as far as known; a few seconds old. */
  unsearchable: number
}

/** Thrown (as a rejection) when the store cannot commit or read now: disk full, read-only, closed. The caller answers `unavailable`. */
export class StoreUnavailableError extends Error {
  override readonly name = "StoreUnavailableError"
}

/**
 * Where runs are kept. Every write resolves after its commit is durable, and writes are applied in the order in which they were called.
 * Expected trouble comes back as a value; a rejection is `StoreUnavailableError` or a bug.
 */
export interface RunStore {
  /** Stores a new run; with an `idempotency_key` that this agent has used, takes that run over instead (`created: false`; its owner becomes `owner` while in progress). */
  start(run: NewRun): Promise<{ created: boolean; row: RunRow }>
  /**
   * Makes `owner` the owner of a run that `writer` may write to, and clears `disconnected_at`. Reopens an incomplete run;
   * a completed one stays as it is.
   */
  takeOver(take: {
    run_id: string
    writer: readonly string[]
    owner: string
    at: string
  }): Promise<Stored<{ row: RunRow }>>
  /**
   * Appends a batch, all or nothing. Its key is checked before anything else but the writer. Reopens a run that is
   * incomplete or whose end was inferred.
   */
  append(batch: AppendBatch): Promise<AppendResult>
  /** Changes what describes a run in progress; `too_large`: it would have more labels than allowed. */
  update(update: {
    run_id: string
    writer: readonly string[]
    owner: string
    changes: RunChanges
    fence?: Fence
  }): Promise<Stored<{ row: RunRow }>>
  /** Ends a run with an agent's outcome, an incomplete one too; the same outcome again is `duplicate: true`. */
  complete(end: {
    run_id: string
    writer: readonly string[]
    owner: string
    outcome: AgentOutcome
    ended_at: string
    inferred?: boolean
    fence?: Fence
  }): Promise<Stored<{ duplicate: boolean; row: RunRow }>>
  /** Ends a run that was imported, exactly as its export says; without an end it is incomplete. */
  finishImport(finish: ImportFinish): Promise<Stored<{ row: RunRow }>>
  /** Ends a run as incomplete if it is in progress and still owned by `owner`; else `already_terminal` or `forbidden`. */
  abandon(end: { run_id: string; owner: string; ended_at: string }): Promise<Stored<{ row: RunRow }>>
  /**
   * Notes that a run's owner went (a time) or is back (null). Ignored for an ended run. With a time, `owner` is the one that went:
   * ignored if the run has another by now. With null, `owner` becomes the owner.
   */
  markDisconnected(mark: { run_id: string; disconnected_at: string | null; owner?: string }): Promise<void>
  /** Records a cancellation request; the first one's time and reason are kept. */
  requestCancel(request: {
    run_id: string
    readers: readonly string[]
    reason?: string
    at: string
  }): Promise<Stored<{ row: RunRow }>>
  /** Deletes an ended run with its turns and keys; `forbidden` for one in progress. */
  delete(request: { run_id: string; readers: readonly string[] }): Promise<Stored<{ row: RunRow }>>
  /** Deletes at most `limit` runs that ended before a time by the server's clock. Returns their ids. */
  deleteEndedBefore(time: string, limit: number): Promise<string[]>

  get(run_id: string): Promise<RunRow | undefined>
  getMany(run_ids: readonly string[]): Promise<RunRow[]>
  /** Every run in progress; read once at start-up. */
  inProgress(): Promise<RunRow[]>
  /** Newest first by `started_at`, then `run_id`, or sorted. `filter.waiting` and `filter.trouble` are not the store's to know and are ignored. */
  list(query: RunQuery): Promise<RunPage>
  /** Counts under a filter less its `status` and `waiting`; `failed` counts runs that ended since `failedSince`, when given. */
  count(query: Pick<RunQuery, "readers" | "filter"> & { failedSince?: string }): Promise<StatusCounts>
  /** Turns from an index on, previews where they exist, until `limit` turns or about `maxBytes` (at least one turn, if there is one). */
  turns(read: {
    run_id: string
    from: number
    limit: number
    maxBytes: number
    whole?: boolean
  }): Promise<TurnPage>
  /** Outlines from an index on as JSON texts with `index` and `recorded_at` in front. */
  outlines(read: { run_id: string; from: number; limit: number }): Promise<TurnPage>

  /** Finds the turns of a run that have all terms. Reads a bounded part of the run: a page says where the next one begins. */
  searchTurns(search: TurnSearchQuery): Promise<TurnSearchPage>

  /** Whether a commit goes through now; used by `/readyz`. Resolves false instead of rejecting. */
  healthy(): Promise<boolean>
  /** What waits now. Absent where nothing ever waits. */
  figures?(): StoreFigures
  /** From now on has `tell` called with the seconds that each commit took. Absent where no commit takes time. */
  timeCommits?(tell: (seconds: number) => void): void
  /** Finishes what is queued and closes the files. */
  close(): Promise<void>
}
