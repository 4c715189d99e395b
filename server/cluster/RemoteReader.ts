import type { Pool } from "pg"
import type { Progress } from "@/lib/protocol/run"
import type { LiveFields } from "@/server/registry/live/RemoteRun"
import { asStoreError } from "@/server/store/postgres/postgresErrors"
import { RUN_COLUMN_COUNT, RUN_COLUMNS, readRun, type SqlRow } from "@/server/store/postgres/runRow"
import type { RunRow } from "@/server/store/RunStore"

const LIVE_COLUMNS = `t.texts, r.owner_epoch, r.texts_version, l.version, n.node_id IS NOT NULL,
  floor(extract(epoch FROM r.grace_ends_at) * 1000)::bigint, l.live`
const FROM = `FROM runs r JOIN run_texts t ON t.run_no = r.run_no
  LEFT JOIN nodes n ON n.node_id = r.owner_node AND n.lease_until > now()
  LEFT JOIN live_runs l ON l.run_id = r.run_id AND l.node_id = r.owner_node`
const RUNS = `SELECT ${RUN_COLUMNS}, ${LIVE_COLUMNS}, CASE WHEN r.run_id = ANY($2::text[]) THEN l.progress END
  ${FROM} WHERE r.run_id = ANY($1::text[])`
const RUNS_IN_PROGRESS = `SELECT ${RUN_COLUMNS}, ${LIVE_COLUMNS}, CASE WHEN r.run_id = ANY($1::text[]) THEN l.progress END
  ${FROM} WHERE r.status = 0`
const MARK_COLUMNS = `r.run_id, concat_ws('.', r.cursor, r.status, r.owner_epoch, r.texts_version, r.child_count, r.disconnected_at,
  coalesce(l.version, 0), n.node_id IS NOT NULL)`
const MARK_FROM = `FROM runs r LEFT JOIN live_runs l ON l.run_id = r.run_id
  LEFT JOIN nodes n ON n.node_id = r.owner_node AND n.lease_until > now()`
/** Selects the marks of this node's runs. They consist of the columns that another node may change. */
const OWN_MARKS = `SELECT r.run_id, concat_ws('.', r.status, r.owner_epoch, r.texts_version, r.child_count) FROM runs r
  WHERE r.run_id = ANY($1::text[])`
const MARKS = `SELECT ${MARK_COLUMNS} ${MARK_FROM} WHERE r.run_id = ANY($1::text[])`
const MARKS_OF_CURRENT = `SELECT ${MARK_COLUMNS} ${MARK_FROM} WHERE r.status = 0 OR r.run_no > $1`
const NEWEST = "SELECT coalesce(max(run_no), 0) FROM runs"

/** A run in the database: its row, and the live data that its node has published. */
export type StoredRun = { row: RunRow; live: LiveFields; progress?: Progress }

/** Reads runs together with the live data that their nodes have published. Rejects with `StoreUnavailableError`. */
export class RemoteReader {
  readonly #pool: Pool

  constructor(pool: Pool) {
    this.#pool = pool
  }

  /** Returns the runs with these ids that exist. Reads progress only for those in `followed`. */
  async runs(run_ids: readonly string[], followed: readonly string[]): Promise<StoredRun[]> {
    return (await this.#query(RUNS, [run_ids, followed])).map(storedRun)
  }

  async runsInProgress(followed: readonly string[]): Promise<StoredRun[]> {
    return (await this.#query(RUNS_IN_PROGRESS, [followed])).map(storedRun)
  }

  /** Returns a mark for each run: a string that changes whenever the run changes. Cheap enough to poll. */
  async marks(run_ids: readonly string[]): Promise<Map<string, string>> {
    return marksById(await this.#query(MARKS, [run_ids]))
  }

  /** Like `marks`, for this node's runs: a mark changes only when another node may have changed the run. */
  async ownMarks(run_ids: readonly string[]): Promise<Map<string, string>> {
    return marksById(await this.#query(OWN_MARKS, [run_ids]))
  }

  /** Returns the marks of the runs in progress, and of all runs with a number above `after`. */
  async marksOfCurrent(after: number): Promise<Map<string, string>> {
    return marksById(await this.#query(MARKS_OF_CURRENT, [after]))
  }

  /** Returns the highest number of a run. Runs with lower numbers may still be uncommitted. */
  async newest(): Promise<number> {
    return Number((await this.#query(NEWEST, []))[0]?.[0])
  }

  async #query(text: string, values: readonly unknown[]): Promise<SqlRow[]> {
    try {
      return (await this.#pool.query<unknown[]>({ text, values: [...values], rowMode: "array" })).rows
    } catch (error) {
      throw asStoreError(error)
    }
  }
}

function marksById(rows: readonly SqlRow[]): Map<string, string> {
  return new Map(rows.map(([runId, mark]) => [String(runId), String(mark)]))
}

function storedRun(columns: SqlRow): StoredRun {
  const [texts, , , , isNodeAlive, graceEndsMs, live, progress] = columns.slice(RUN_COLUMN_COUNT)
  const row = readRun(columns, JSON.parse(String(texts)))
  const published: Partial<LiveFields> = typeof live === "string" ? JSON.parse(live) : {}
  // The row decides whether the agent is connected, because the live data is written a moment later.
  const isConnected = isNodeAlive === true && row.disconnected_at === undefined
  return {
    row,
    live: isConnected ? { ...published, connected: true } : disconnected(published, graceEndsMs),
    ...(isConnected && typeof progress === "string" && { progress: JSON.parse(progress) }),
  }
}

/** Returns the part of the live data that stays valid after the agent has disconnected. */
function disconnected({ recent, last_seen_at }: Partial<LiveFields>, graceEndsMs: unknown): LiveFields {
  return {
    connected: false,
    ...(last_seen_at !== undefined && { last_seen_at }),
    ...(recent !== undefined && { recent }),
    ...(graceEndsMs !== null && { grace_ends_at: new Date(Number(graceEndsMs)).toISOString() }),
  }
}
