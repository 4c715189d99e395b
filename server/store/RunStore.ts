import type { TurnSearchPage } from "@/lib/protocol/catalog"
import type { RunFilter } from "@/lib/protocol/commands"
import type { RunSort, SortOrder } from "@/lib/protocol/enums"
import type {
  AgentOutcome,
  Interruption,
  ParentRef,
  RunRef,
  RunSource,
  RunSummary,
  RunTermination,
} from "@/lib/protocol/run"
import type { TurnShare } from "@/lib/trace/responseUsage"
import type { TurnSearchQuery } from "@/server/search/TurnScan"
import type { RunHit } from "@/server/search/turnHit"

/** A stored run: everything in a `RunSummary` that doesn't come from live connections. */
export type RunRow = Omit<RunSummary, LiveField> & {
  cancel_reason?: string
  /** The connection that last started, took over or wrote to the run. `abandon` is refused if the owner has changed. */
  owner: string
  /** When the server created the run, if `started_at` is from the agent. */
  received_at?: string
  /** When the run ended, by the server's clock. Its retention starts then. */
  retained_from?: string
}

/** The fields of a summary that are computed from live connections and progress. */
type LiveField =
  | "connected"
  | "last_seen_at"
  | "grace_ends_at"
  | "waiting_since"
  | "recent"
  | "activity"
  | "trouble"

/**
 * A turn, encoded as JSON objects without `index` and `recorded_at`. The store inserts these two fields at the start of
 * each object.
 */
export type EncodedTurn = {
  /** The complete turn. */
  body: string
  /** The turn truncated for the wire, with `truncated`. Undefined if nothing is truncated. */
  preview?: string
  /** A `TurnOutline` without `index` and `recorded_at`. */
  outline: string
  /** The first line of the turn's error, empty if the error has no text. Absent if the turn didn't fail. */
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
  /**
   * The run that this one continues. If that run exists and `writer` matches its agent, the store sets its
   * `continued_by`. If it doesn't exist, its import sets it.
   */
  continues?: RunRef
  received_at?: string
  imported?: true
  idempotency_key?: string
  owner: string
  /** The agent-id patterns that the caller may write as. */
  writer: readonly string[]
}

/** The end of an imported run. */
export type ImportFinish = {
  run_id: string
  owner: string
  /** When the import ended. The run's retention starts then. */
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
  /** Agent-id patterns of the writer. A run of another agent is treated as unknown. */
  writer: readonly string[]
  owner: string
  turns: readonly EncodedTurn[]
  /** The `recorded_at` of all turns, unless the run's last turn is later: the times of a run never decrease. */
  recorded_at: string
  idempotency_key?: string
  expected_index?: number
  maxTurns: number
  fence?: Fence
}

/**
 * `continue`: the writer owned the run before, so the write is refused as `fenced` if another node has taken over the run
 * in the meantime. Ignored by stores that only one process uses.
 */
export type Fence = "continue" | undefined

/** An expected failure, which a store returns as a value. `row`: the run's current row, if it exists. */
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

/** The order of a list. Runs with equal values are ordered by start and id, in the same direction. */
export type ListSort = { by: RunSort; order: SortOrder }

/** A query for runs. `readers`: agent-id patterns of the runs that the caller may read. */
export type RunQuery = {
  readers: readonly string[]
  filter: RunFilter
  /**
   * Also searches turns: each term of the filter's `q` must be in the run's own texts or in one of its turns. A search
   * finds a turn only some seconds after it was stored. A bounded number of turns is read per page, so a page may have
   * a `next` although it has fewer runs than `limit`.
   */
  inTurns?: boolean
  /** Only these runs. */
  runIds?: readonly string[]
  /** Adds to the result the counts that `count` would return. */
  counts?: { failedSince?: string }
  /**
   * Default: newest first. If sorted by anything but the start, only ended runs are listed, because the other values of
   * runs in progress change.
   */
  sort?: ListSort
  /** The opaque `next` of the previous page, which must have had the same `sort`. */
  before?: string
  limit: number
}
/**
 * A page of runs. `hits`: with `inTurns`, where `q` was found in each run, by run id. Has no entry for a run whose
 * turns are too long to be read.
 */
export type ListPage = {
  rows: RunRow[]
  next?: string
  hits?: Record<string, RunHit>
  counts?: StatusCounts
  /** False if the counts are only upper bounds, because not all candidates were read. */
  countsAreExact?: false
}
export type StatusCounts = { in_progress: number; completed: number; incomplete: number; failed: number }

/** Turns of a run, starting at an index, as JSON that starts with `index` and `recorded_at`. */
export type TurnPage = { from: number; turns: string[] }

/** The pending work of a store. */
export type StoreFigures = {
  /** Writes waiting for a commit, and the size of their turns. */
  writes: number
  writeBytes: number
  /** Stored turns that aren't in the search index yet, as of a few seconds ago. */
  unsearchable: number
}

/** Thrown when the store can't commit or read: disk full, read-only, closed. The caller replies `unavailable`. */
export class StoreUnavailableError extends Error {
  override readonly name = "StoreUnavailableError"
}

/**
 * Stores runs. Writes resolve once their commit is durable, and are applied in the order of the calls. Expected failures
 * are returned as values. Rejects with `StoreUnavailableError`; any other error is a bug.
 */
export interface RunStore {
  /**
   * Stores a new run. If the agent has already started a run with the `idempotency_key`, takes over that run and
   * returns `created: false`.
   */
  start(run: NewRun): Promise<{ created: boolean; row: RunRow }>
  /**
   * Like `start`, for an imported run. If a run with its id already exists, that run isn't changed (`created: false`).
   * Sets `continued_by` to the newest stored run that continues this one and that `writer` may write.
   */
  startImport(run: NewRun): Promise<{ created: boolean; row: RunRow }>
  /**
   * Makes `owner` the owner of a run that `writer` may write, and clears `disconnected_at`. Reopens an incomplete run, but
   * doesn't change a completed one.
   */
  takeOver(take: {
    run_id: string
    writer: readonly string[]
    owner: string
    at: string
  }): Promise<Stored<{ row: RunRow }>>
  /**
   * Appends a batch, all or nothing. Checks the writer first, then the idempotency key, then everything else. Reopens a
   * run that is incomplete or whose end was inferred.
   */
  append(batch: AppendBatch): Promise<AppendResult>
  /**
   * Changes descriptive fields of a run in progress. Returns `too_large` if the run would have more labels than
   * allowed.
   */
  update(update: {
    run_id: string
    writer: readonly string[]
    owner: string
    changes: RunChanges
    fence?: Fence
  }): Promise<Stored<{ row: RunRow }>>
  /**
   * Ends a run, even an incomplete one, with its agent's outcome. If the run already has this outcome, returns
   * `duplicate: true`.
   */
  complete(end: {
    run_id: string
    writer: readonly string[]
    owner: string
    outcome: AgentOutcome
    ended_at: string
    inferred?: boolean
    fence?: Fence
  }): Promise<Stored<{ duplicate: boolean; row: RunRow }>>
  /** Ends an imported run exactly as in its export. Without `end`, the run becomes incomplete. */
  finishImport(finish: ImportFinish): Promise<Stored<{ row: RunRow }>>
  /** Deletes a run whose import isn't finished if `owner` is importing it; otherwise returns `forbidden`. */
  discardImport(request: { run_id: string; owner: string }): Promise<Stored<{ row: RunRow }>>
  /**
   * Ends a run as incomplete if it is in progress and still owned by `owner`; otherwise returns `already_terminal` or
   * `forbidden`.
   */
  abandon(end: { run_id: string; owner: string; ended_at: string }): Promise<Stored<{ row: RunRow }>>
  /**
   * Records that a run's owner has disconnected (`disconnected_at` is a time) or is connected (null). Does nothing for
   * an ended run. With a time, also does nothing if the run's owner is no longer `owner`. With null, `owner` becomes
   * the run's owner.
   */
  markDisconnected(mark: { run_id: string; disconnected_at: string | null; owner?: string }): Promise<void>
  /** Records a cancellation request. Further requests don't change its time and reason. */
  requestCancel(request: {
    run_id: string
    readers: readonly string[]
    reason?: string
    at: string
  }): Promise<Stored<{ row: RunRow }>>
  /** Deletes an ended run with its turns and keys. Returns `forbidden` for a run in progress. */
  delete(request: { run_id: string; readers: readonly string[] }): Promise<Stored<{ row: RunRow }>>
  /**
   * Deletes at most `limit` runs that ended before `time`, by the server's clock. Returns the ids of the deleted runs.
   */
  deleteEndedBefore(time: string, limit: number): Promise<string[]>

  get(run_id: string): Promise<RunRow | undefined>
  getMany(run_ids: readonly string[]): Promise<RunRow[]>
  /** Returns all runs in progress. Called once at start-up. */
  inProgress(): Promise<RunRow[]>
  /** Returns a page of runs. Ignores `filter.waiting` and `filter.trouble`, which depend on live data. */
  list(query: RunQuery): Promise<ListPage>
  /**
   * Counts runs that match a filter, ignoring its `status`, `waiting` and `trouble`. With `failedSince`, counts a
   * failed run as `failed` only if it ended at or after that time.
   */
  count(query: Pick<RunQuery, "readers" | "filter"> & { failedSince?: string }): Promise<StatusCounts>
  /**
   * Returns turns, or their previews, starting at an index: at most `limit` with about `maxBytes` in total, but at
   * least one turn if there is any.
   */
  turns(read: {
    run_id: string
    from: number
    limit: number
    maxBytes: number
    whole?: boolean
  }): Promise<TurnPage>
  /** Returns outlines, starting at an index, as JSON that starts with `index` and `recorded_at`. */
  outlines(read: { run_id: string; from: number; limit: number }): Promise<TurnPage>

  /** Finds the turns of a run that have all terms. Reads a bounded part of the run per page. */
  searchTurns(search: TurnSearchQuery): Promise<TurnSearchPage>

  /** Checks whether the store can commit, for `/readyz`. Never rejects. */
  healthy(): Promise<boolean>
  /** Returns the pending work. Undefined for stores that never have any. */
  figures?(): StoreFigures
  /** Calls `onCommit` with the duration of each commit, in seconds. Undefined for stores without commits. */
  timeCommits?(onCommit: (seconds: number) => void): void
  /** Finishes queued work and closes the store. */
  close(): Promise<void>
}
