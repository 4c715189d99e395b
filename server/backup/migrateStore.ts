import { createHash, type Hash } from "node:crypto"
import { dirname } from "node:path"
import type { Client } from "pg"
import { lockDataDir } from "@/server/store/lockDataDir"
import { bigintArray, integerArray, textArray } from "@/server/store/postgres/binaryArrays"
import { connectWriter } from "@/server/store/postgres/Connection"
import { migrate } from "@/server/store/postgres/migrate"
import * as sql from "@/server/store/postgres/roundSql"
import { exactText, hotArrays, textArrays } from "@/server/store/postgres/runRow"
import type { RunRow } from "@/server/store/RunStore"
import { createAccessOps } from "@/server/store/sqlite/access/createAccessOps"
import { numberAt, textAt } from "@/server/store/sqlite/bind"
import { RUN_COLUMNS, RUN_TABLES, readRun } from "@/server/store/sqlite/runRow"
import { openForReading, type SqliteDatabase } from "@/server/store/sqlite/SqliteDatabase"
import { TURNS_PER_RUN } from "@/server/store/sqlite/schema"
import { BackupRefusedError } from "./BackupRefusedError"

const TURNS_PER_STATEMENT = 200
/** How idempotency keys that SQLite can't hold are marked there. */
const ESCAPED_KEY = "json:"

const RUNS = `SELECT ${RUN_COLUMNS} FROM ${RUN_TABLES} WHERE r.run_no > ? ORDER BY r.run_no LIMIT 1`
const START_KEY = "SELECT start_key FROM runs WHERE run_no = ?"
const TURNS = `SELECT t.id, t.recorded_at, t.outline, b.preview, b.body FROM turns t JOIN bodies b ON b.body_no = t.body_no
  WHERE t.id >= ? AND t.id < ? ORDER BY t.id LIMIT ${TURNS_PER_STATEMENT}`
const KEYS =
  "SELECT key, base_index, count, recorded_at FROM batch_keys WHERE run_no = ? ORDER BY base_index, key"

const PROGRESS = `CREATE TABLE IF NOT EXISTS migrated_runs (run_id text PRIMARY KEY, source text NOT NULL, hash text NOT NULL)`
const PLACE = "SELECT run_no, day FROM runs WHERE run_id = $1"
const STORED_TURNS = `SELECT t.idx, t.recorded_at, t.outline, b.preview, b.body FROM turns t
  JOIN bodies b ON b.day = t.day AND b.run_no = t.run_no AND b.idx = t.idx
  WHERE t.day = $1 AND t.run_no = $2 AND t.idx >= $3 ORDER BY t.idx LIMIT ${TURNS_PER_STATEMENT}`

export type MigratedStore = { runs: number; turns: number; tokens: number; sessions: number; skipped: number }

type Turn = { index: number; recordedAt: number; outline: string; preview: string | null; body: string }

/**
 * Copies an embedded store into an empty PostgreSQL database: runs with their turns and keys, tokens and sessions. Each run
 * is one transaction and is read back and compared by a hash. Interrupted, it continues where it stopped.
 *
 * @throws {BackupRefusedError} when the target holds anything else, or a copy differs from its source.
 * @throws {DataDirInUseError} when a server runs on the source.
 */
export async function migrateStore(options: {
  databaseFile: string
  url: string
  onRun?: (copied: number) => void
}): Promise<MigratedStore> {
  const lock = lockDataDir(dirname(options.databaseFile))
  const source = openForReading(options.databaseFile)
  const target = await connectWriter({ url: options.url, applicationName: "turnline migrate-store" })
  try {
    // Copying a long run takes longer than a server's own statements may.
    await migrate(target)
    await target.query("SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0")
    return await new StoreCopy(source, target, options.onRun).run()
  } finally {
    await target.end().catch(() => {})
    source.close()
    lock.release()
  }
}

class StoreCopy {
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
    await this.#copyAccess()
    await this.#compareCounts()
    return this.#copied
  }

  /** The runs that an earlier attempt has copied. */
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
      const { rows } = await this.#target.query<{ run_no: number; day: number }>(PLACE, [row.run_id])
      const [place] = rows
      if (place === undefined) throw new BackupRefusedError(`Run ${row.run_id} could not be copied.`)
      const hash = createHash("sha256")
      const turns = await this.#copyTurns(runNo, place, hash)
      await this.#copyKeys(runNo, place)
      const source = hash.digest("hex")
      const copy = await this.#hashOf(place)
      if (turns !== row.cursor || copy !== source)
        throw new BackupRefusedError(`The copy of run ${row.run_id} differs from its source.`)
      await this.#target.query("INSERT INTO migrated_runs VALUES ($1, $2, $3)", [
        row.run_id,
        this.#lineage,
        source,
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
    const labels = Object.entries(row.labels)
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
      textArray(labels.map(exactText)),
      bigintArray([row.grace_ms ?? null]),
    ])
  }

  async #copyTurns(runNo: number, place: { run_no: number; day: number }, hash: Hash): Promise<number> {
    const first = runNo * TURNS_PER_RUN
    let next = 0
    for (;;) {
      const turns = this.#source
        .query(TURNS)
        .all(first + next, first + TURNS_PER_RUN)
        .map(
          (columns): Turn => ({
            index: numberAt(columns, 0) - first,
            recordedAt: numberAt(columns, 1),
            outline: textAt(columns, 2),
            preview: typeof columns[3] === "string" ? columns[3] : null,
            body: textAt(columns, 4),
          }),
        )
      if (turns.length === 0) return next
      for (const turn of turns) addToHash(hash, turn)
      await this.#target.query(sql.INSERT_TURNS, [
        integerArray(turns.map(() => place.day)),
        bigintArray(turns.map(() => place.run_no)),
        integerArray(turns.map((turn) => turn.index)),
        bigintArray(turns.map((turn) => turn.recordedAt)),
        textArray(turns.map((turn) => turn.outline)),
        textArray(turns.map((turn) => turn.preview)),
        textArray(turns.map((turn) => turn.body)),
      ])
      next = (turns.at(-1)?.index ?? next) + 1
    }
  }

  async #copyKeys(runNo: number, place: { run_no: number; day: number }): Promise<void> {
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

  async #hashOf(place: { run_no: number; day: number }): Promise<string> {
    const hash = createHash("sha256")
    for (let next = 0; ; ) {
      const { rows } = await this.#target.query<{
        idx: number
        recorded_at: number
        outline: string
        preview: string | null
        body: string
      }>(STORED_TURNS, [place.day, place.run_no, next])
      if (rows.length === 0) return hash.digest("hex")
      for (const { idx, recorded_at, outline, preview, body } of rows)
        addToHash(hash, { index: idx, recordedAt: Number(recorded_at), outline, preview, body })
      next = (rows.at(-1)?.idx ?? next) + 1
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

function addToHash(hash: Hash, { index, recordedAt, outline, preview, body }: Turn): void {
  hash.update(JSON.stringify([index, recordedAt, outline, preview, body]))
}
