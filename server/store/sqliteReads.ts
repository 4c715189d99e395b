import { readListCursor, writeListCursor } from "./listCursor"
import { placeTurn } from "./placeTurn"
import type { RunPage, RunQuery, RunRow, StatusCounts, TurnPage } from "./RunStore"
import { isStorable } from "./runText"
import { numberAt, type SqlRow, textAt, timeAt } from "./sqliteBind"
import type { SqliteDatabase } from "./sqliteDatabase"
import { type Where, whereOf, whereOfAnyStatus, whereText } from "./sqliteFilter"
import { RUN_COLUMNS, RUN_TABLES, readRun, statusNumber, statusOf } from "./sqliteRunRow"
import { TURNS_PER_RUN } from "./sqliteSchema"

const SELECT_RUN = `SELECT ${RUN_COLUMNS} FROM ${RUN_TABLES}`
const TURNS_IN_RANGE = `FROM turns t JOIN bodies b ON b.body_no = t.body_no WHERE t.id >= ? AND t.id < ? ORDER BY t.id`
const SIZES = `SELECT octet_length(b.body), octet_length(b.preview) ${TURNS_IN_RANGE} LIMIT ?`
const WHOLE = `SELECT t.recorded_at, b.body ${TURNS_IN_RANGE}`
const CUT = `SELECT t.recorded_at, coalesce(b.preview, b.body) ${TURNS_IN_RANGE}`
const OUTLINES = "SELECT recorded_at, outline FROM turns WHERE id >= ? AND id < ? ORDER BY id"
const SIZES_AT_ONCE = 64

type TurnsRead = { run_id: string; from: number; limit: number; maxBytes: number; whole?: boolean }

/** The reads of a run store, each one a short transaction of its own. */
export class SqliteReads {
  constructor(readonly db: SqliteDatabase) {}

  get(runId: string): RunRow | undefined {
    if (!isStorable(runId)) return undefined
    const columns = this.db.query(`${SELECT_RUN} WHERE r.run_id = ?`).first(runId)
    return columns && readRun(columns)
  }

  getMany(runIds: readonly string[]): RunRow[] {
    return [...new Set(runIds)].flatMap((runId) => this.get(runId) ?? [])
  }

  inProgress(): RunRow[] {
    const sql = `${SELECT_RUN} WHERE r.status = ?`
    return this.db.query(sql).all(statusNumber("in_progress")).map(readRun)
  }

  list({ readers, filter, before, limit }: RunQuery): RunPage {
    const where = whereOf(filter, readers)
    if (before !== undefined) {
      const cursor = readListCursor(before)
      if (cursor === undefined || !isStorable(cursor.runId)) return { rows: [] }
      where.conditions.push("(r.started_at, r.run_id) < (?, ?)")
      where.values.push(cursor.startedAtMs, cursor.runId)
    }
    const sql = `${SELECT_RUN} ${whereText(where)} ORDER BY r.started_at DESC, r.run_id DESC LIMIT ?`
    const found = this.db.query(sql).all(...where.values, limit + 1)
    const rows = found.slice(0, limit).map(readRun)
    const last = rows[limit - 1]
    return { rows, ...(found.length > limit && last !== undefined ? { next: writeListCursor(last) } : {}) }
  }

  count(query: Pick<RunQuery, "readers" | "filter"> & { failedSince?: string }): StatusCounts {
    const where = whereOfAnyStatus(query.filter, query.readers)
    const counts: StatusCounts = { in_progress: 0, completed: 0, incomplete: 0, failed: 0 }
    const sql = `SELECT r.status, count(*) FROM runs r ${whereText(where)} GROUP BY r.status`
    for (const columns of this.db.query(sql).all(...where.values)) {
      counts[statusOf(numberAt(columns, 0))] = numberAt(columns, 1)
    }
    counts.failed = this.#countFailed(where, query.failedSince)
    return counts
  }

  #countFailed(where: Where, since: string | undefined): number {
    const failed: Where = { conditions: [...where.conditions, "r.failed = 1"], values: [...where.values] }
    if (since !== undefined) {
      failed.conditions.push("r.ended_at >= ?")
      failed.values.push(Date.parse(since))
    }
    const columns = this.db.query(`SELECT count(*) FROM runs r ${whereText(failed)}`).first(...failed.values)
    return numberAt(columns ?? [], 0)
  }

  turns(read: TurnsRead): TurnPage {
    const range = this.#range(read)
    const page: TurnPage = { from: read.from, turns: [] }
    if (range === undefined) return page
    const until = this.#fitting(range, read)
    return { ...page, turns: this.#placed(read.whole === true ? WHOLE : CUT, read.from, range.first, until) }
  }

  outlines(read: { run_id: string; from: number; limit: number }): TurnPage {
    const range = this.#range(read)
    if (range === undefined) return { from: read.from, turns: [] }
    return { from: read.from, turns: this.#placed(OUTLINES, read.from, range.first, range.end) }
  }

  /** The keys of the turns that a read may touch; undefined for an unknown run, or nothing to read. */
  #range(read: { run_id: string; from: number; limit: number }): { first: number; end: number } | undefined {
    if (read.from >= TURNS_PER_RUN || read.limit < 1 || !isStorable(read.run_id)) return undefined
    const columns = this.db.query("SELECT run_no FROM runs WHERE run_id = ?").first(read.run_id)
    if (columns === undefined) return undefined
    const zero = numberAt(columns, 0) * TURNS_PER_RUN
    return { first: zero + read.from, end: zero + Math.min(read.from + read.limit, TURNS_PER_RUN) }
  }

  /** Where a page of about `maxBytes` ends. Sizes are in a row's header, so that no long text is read for it. */
  #fitting({ first, end }: { first: number; end: number }, { maxBytes, whole }: TurnsRead): number {
    let bytes = 0
    for (let id = first; id < end; ) {
      const sizes = this.db.query(SIZES).all(id, end, SIZES_AT_ONCE)
      for (const [body, preview] of sizes) {
        bytes += Number(whole === true ? body : (preview ?? body))
        if (bytes > maxBytes) return Math.max(id, first + 1)
        id++
      }
      if (sizes.length < SIZES_AT_ONCE) return id
    }
    return end
  }

  #placed(sql: string, from: number, first: number, end: number): string[] {
    const place = (columns: SqlRow, at: number) =>
      placeTurn(from + at, timeAt(columns, 0) ?? "", textAt(columns, 1))
    return this.db.query(sql).all(first, end).map(place)
  }
}
