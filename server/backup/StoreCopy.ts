import type { Client } from "pg"
import { exactText, hotArrays, labelTexts, textArrays } from "@/server/store/postgres/runRow"
import { bigintArray, integerArray, textArray } from "@/server/store/postgres/write/binaryArrays"
import * as sql from "@/server/store/postgres/write/roundSql"
import type { RunRow } from "@/server/store/RunStore"
import { createAccessOps } from "@/server/store/sqlite/access/createAccessOps"
import { numberAt, textAt } from "@/server/store/sqlite/bind"
import { createIngestOps } from "@/server/store/sqlite/ingest/createIngestOps"
import { RUN_COLUMNS, RUN_TABLES, readRun } from "@/server/store/sqlite/runRow"
import type { SqliteDatabase } from "@/server/store/sqlite/SqliteDatabase"
import { BackupRefusedError } from "./BackupRefusedError"
import { copyTurns, type StoredAt } from "./copyTurns"

/** The prefix of idempotency keys that are stored as JSON, because SQLite can't store them as they are. */
const ESCAPED_KEY = "json:"

const RUNS = `SELECT ${RUN_COLUMNS} FROM ${RUN_TABLES} WHERE r.run_no > ? ORDER BY r.run_no LIMIT 1`
const START_KEY = "SELECT start_key FROM runs WHERE run_no = ?"
const KEYS =
  "SELECT key, base_index, count, recorded_at FROM batch_keys WHERE run_no = ? ORDER BY base_index, key"

const PROGRESS = `CREATE TABLE IF NOT EXISTS migrated_runs (run_id text PRIMARY KEY, source text NOT NULL, hash text NOT NULL)`
const PLACE = "SELECT run_no, day FROM runs WHERE run_id = $1"
const RESPONSES = "SELECT response_id, usage FROM responses WHERE run_no = ?"
/** Stores requests without a node, so that the first node that starts claims them. */
const PUT_REQUEST =
  "INSERT INTO ingest_requests (node_id, received_at, sender, dialect, records) VALUES ('', $1, $2, $3, $4)"
const REQUESTS_PER_READ = 100
const READ_BYTES = 8 * 1024 * 1024
/** Marks in `migrated_runs` that the foreign requests were copied. No run has this id. */
const REQUESTS_DONE = "ingest requests"

export type MigratedStore = { runs: number; turns: number; tokens: number; sessions: number; skipped: number }

/** Copies an SQLite database to a PostgreSQL database, which it checks first and compares with its source. */
export class StoreCopy {
  readonly #source: SqliteDatabase
  readonly #target: Client
  readonly #onRun: (copied: number) => void
  #lineage = ""
  readonly #copied: MigratedStore = { runs: 0, turns: 0, tokens: 0, sessions: 0, skipped: 0 }

  constructor(source: SqliteDatabase, target: Client, onRun: (copied: number) => void = () => {}) {
    this.#source = source
    this.#target = target
    this.#onRun = onRun
  }

  async run(): Promise<MigratedStore> {
    this.#lineage = textAt(this.#source.query("SELECT lineage FROM lineage").first() ?? [], 0)
    await this.#target.query(PROGRESS)
    const done = await this.#checkTarget()
    for (let runNo = 0; ; ) {
      const columns = this.#source.query(RUNS).first(runNo)
      if (columns === undefined) break
      runNo = numberAt(columns, 0)
      const row = readRun(columns)
      if (done.has(row.run_id)) this.#copied.skipped += 1
      else await this.#copyRun(runNo, row)
      this.#onRun(this.#copied.runs)
    }
    await this.#copyRequests()
    await this.#copyAccess()
    await this.#compareCounts()
    return this.#copied
  }

  /**
   * Returns the ids of the runs that an earlier attempt has copied. Throws if the target has runs from another source.
   */
  async #checkTarget(): Promise<Set<string>> {
    const { rows } = await this.#target.query<{ run_id: string; source: string }>(
      "SELECT r.run_id, m.source FROM runs r LEFT JOIN migrated_runs m ON m.run_id = r.run_id",
    )
    if (rows.some(({ source }) => source !== this.#lineage))
      throw new BackupRefusedError("The PostgreSQL database already contains runs from another source.")
    return new Set(rows.map((row) => row.run_id))
  }

  async #copyRun(runNo: number, row: RunRow): Promise<void> {
    await this.#target.query("BEGIN")
    try {
      await this.#insertRun(runNo, row)
      const { rows } = await this.#target.query<StoredAt>(PLACE, [row.run_id])
      const [place] = rows
      if (place === undefined) throw new BackupRefusedError(`Run ${row.run_id} could not be copied.`)
      const { turns, hash, differs } = await copyTurns(this.#source, runNo, this.#target, place)
      if (differs || turns !== row.cursor)
        throw new BackupRefusedError(`The copy of run ${row.run_id} differs from its source.`)
      await this.#copyKeys(runNo, place)
      await this.#copyResponses(runNo, place)
      await this.#target.query("INSERT INTO migrated_runs VALUES ($1, $2, $3)", [
        row.run_id,
        this.#lineage,
        hash,
      ])
      await this.#target.query("COMMIT")
      this.#copied.runs += 1
      this.#copied.turns += turns
    } catch (error) {
      await this.#target.query("ROLLBACK").catch(() => {})
      throw error
    }
  }

  async #insertRun(runNo: number, row: RunRow): Promise<void> {
    const [stored] = this.#source.query(START_KEY).first(runNo) ?? []
    const labels = labelTexts(row)
    await this.#target.query(sql.INSERT_RUNS, [
      textArray([row.run_id]),
      ...hotArrays([row]),
      textArray([row.agent_id]),
      textArray([typeof stored === "string" ? exactText(keyOf(stored)) : null]),
      textArray([String(Date.parse(row.started_at))]),
      textArray([row.parent === undefined ? null : exactText(row.parent.run_id)]),
      textArray([null]),
      ...textArrays([row]),
      textArray(labels.map(() => row.run_id)),
      textArray(labels),
      bigintArray([row.grace_ms ?? null]),
      textArray([row.continues === undefined ? null : exactText(row.continues.run_id)]),
    ])
  }

  async #copyKeys(runNo: number, place: StoredAt): Promise<void> {
    const keys = this.#source.query(KEYS).all(runNo)
    if (keys.length === 0) return
    await this.#target.query(sql.INSERT_KEYS, [
      integerArray(keys.map(() => place.day)),
      bigintArray(keys.map(() => place.run_no)),
      textArray(keys.map((columns) => exactText(keyOf(textAt(columns, 0))))),
      integerArray(keys.map((columns) => numberAt(columns, 1))),
      integerArray(keys.map((columns) => numberAt(columns, 2))),
      bigintArray(keys.map((columns) => numberAt(columns, 3))),
    ])
  }

  /** Copies the usage of responses, so that a run that continues doesn't count a response twice. */
  async #copyResponses(runNo: number, place: StoredAt): Promise<void> {
    const responses = this.#source.query(RESPONSES).all(runNo)
    if (responses.length === 0) return
    await this.#target.query(sql.PUT_RESPONSES, [
      integerArray(responses.map(() => place.day)),
      bigintArray(responses.map(() => place.run_no)),
      textArray(responses.map((columns) => textAt(columns, 0))),
      textArray(responses.map((columns) => textAt(columns, 1))),
    ])
  }

  /**
   * Copies acknowledged requests in foreign formats in one transaction, unless an earlier attempt has already copied
   * them.
   */
  async #copyRequests(): Promise<void> {
    const { rowCount } = await this.#target.query("SELECT 1 FROM migrated_runs WHERE run_id = $1", [
      REQUESTS_DONE,
    ])
    if (rowCount !== 0) return
    await this.#target.query("BEGIN")
    try {
      for (let after = 0; ; ) {
        const page = { after, limit: REQUESTS_PER_READ, maxBytes: READ_BYTES }
        const requests = createIngestOps(this.#source).listRequests(page)
        for (const { received_at, sender, dialect, records } of requests)
          await this.#target.query(PUT_REQUEST, [received_at, sender, dialect, records])
        const last = requests.at(-1)
        if (last === undefined) break
        after = last.id
      }
      await this.#target.query("INSERT INTO migrated_runs VALUES ($1, $2, '')", [
        REQUESTS_DONE,
        this.#lineage,
      ])
      await this.#target.query("COMMIT")
    } catch (error) {
      await this.#target.query("ROLLBACK").catch(() => {})
      throw error
    }
  }

  async #copyAccess(): Promise<void> {
    for (const { revoked_at = null, ...token } of createAccessOps(this.#source).listTokens()) {
      const values = [exactText(token.token_id), exactText(token.name), revoked_at, JSON.stringify(token)]
      const added = await this.#target.query(
        "INSERT INTO tokens (token_id, name, revoked_at, token) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
        values,
      )
      this.#copied.tokens += added.rowCount ?? 0
    }
    const sessions = this.#source.query("SELECT sha256, token_id, created_at, expires_at FROM sessions").all()
    for (const session of sessions) {
      const added = await this.#target.query(
        "INSERT INTO sessions (sha256, token_id, created_at, expires_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
        [...session],
      )
      this.#copied.sessions += added.rowCount ?? 0
    }
  }

  async #compareCounts(): Promise<void> {
    const counts = "(SELECT count(*) FROM runs) AS runs, (SELECT coalesce(sum(cursor), 0) FROM runs) AS turns"
    const source = this.#source.query(`SELECT ${counts.replaceAll(/ AS \w+/g, "")}`).first() ?? []
    const { rows } = await this.#target.query<{ runs: number; turns: number }>(`SELECT ${counts}`)
    const same =
      Number(rows[0]?.runs) === numberAt(source, 0) && Number(rows[0]?.turns) === numberAt(source, 1)
    if (!same)
      throw new BackupRefusedError("The number of runs or turns in the copy differs from the source.")
  }
}

function keyOf(stored: string): string {
  return stored.startsWith(ESCAPED_KEY) ? String(JSON.parse(stored.slice(ESCAPED_KEY.length))) : stored
}
