import { isStorable } from "@/server/search/searchText"
import {
  compareNewestFirst,
  type ListCursor,
  readListCursor,
  writeListCursor,
} from "@/server/store/listCursor"
import { placeTurn } from "@/server/store/placeTurn"
import type { ListPage, ListSort, RunQuery, RunRow, StatusCounts, TurnPage } from "@/server/store/RunStore"
import { placeOf, readSortedCursor, type SortedPlace, writeSortedCursor } from "@/server/store/sortedCursor"
import { VerifiedPage } from "@/server/store/VerifiedPage"
import { numberAt, type SqlRow, textAt, timeAt } from "./bind"
import { countWalk, listWalks, sortedWalk, type Walk, whereText, withStatuses } from "./filterSql"
import { RUN_COLUMNS, RUN_TABLES, readRun, statusNumber } from "./runRow"
import type { SqliteDatabase } from "./SqliteDatabase"
import { TURNS_PER_RUN } from "./schema"
import { type Found, SqliteSearch } from "./textIndex/SqliteSearch"

const SELECT_RUN = `SELECT ${RUN_COLUMNS} FROM ${RUN_TABLES}`
const TURNS_IN_RANGE = `FROM turns t JOIN bodies b ON b.body_no = t.body_no WHERE t.id >= ? AND t.id < ? ORDER BY t.id`
const SIZES = `SELECT octet_length(b.body), octet_length(b.preview) ${TURNS_IN_RANGE} LIMIT ?`
const WHOLE = `SELECT t.recorded_at, b.body ${TURNS_IN_RANGE}`
const CUT = `SELECT t.recorded_at, coalesce(b.preview, b.body) ${TURNS_IN_RANGE}`
const OUTLINES = "SELECT recorded_at, outline FROM turns WHERE id >= ? AND id < ? ORDER BY id"
const SIZES_PER_READ = 64
const VERIFIED_PER_STEP = 100

type TurnsRead = { run_id: string; from: number; limit: number; maxBytes: number; whole?: boolean }

/** The reads of a run store, each in its own short transaction. */
export class SqliteReads {
  readonly #search: SqliteSearch

  constructor(readonly db: SqliteDatabase) {
    this.#search = new SqliteSearch(db)
  }

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

  list(query: RunQuery): ListPage {
    const { readers, filter, before, limit, counts, sort } = query
    if (sort !== undefined) return this.#sorted(query, sort)
    const cursor = before === undefined ? undefined : readListCursor(before)
    if (before !== undefined && (cursor === undefined || !isStorable(cursor.runId))) return { rows: [] }
    const found = this.#search.find(query)
    const walks = found?.walks ?? listWalks(query)
    const verified = new VerifiedPage(limit, writeListCursor)
    const page = verified.collect(found?.reader, (last, count) =>
      this.#newestOf(walks, last === undefined ? cursor : cursorOf(last), count),
    )
    if (counts === undefined) return page
    const areExact = found === undefined || !found.reader.mustVerify || this.#verifyAll(found)
    return {
      ...page,
      counts: this.#sums(found?.all ?? countWalk({ readers, filter }), counts.failedSince),
      ...(!areExact && { countsAreExact: false as const }),
    }
  }

  #sorted(query: RunQuery, sort: ListSort): ListPage {
    const { before, limit } = query
    const start = before === undefined ? undefined : readSortedCursor(before, sort)
    if (before !== undefined && (start === undefined || !isStorable(start.runId))) return { rows: [] }
    const found = this.#search.find(query)
    const among = found && { from: "runs r", where: withStatuses(found.all.where, query.filter.status) }
    const rowsAfter = (place: SortedPlace | undefined, count: number) => {
      const { from, where, orderBy } = sortedWalk(query, sort, place, among)
      const sql = `SELECT ${RUN_COLUMNS} FROM ${from} CROSS JOIN run_texts t ON t.run_no = r.run_no
        ${whereText(where.conditions)} ${orderBy} LIMIT ?`
      return this.db
        .query(sql)
        .all(...where.values, count)
        .map(readRun)
    }
    const verified = new VerifiedPage(limit, (row) => writeSortedCursor(sort, placeOf(row, sort.by)))
    return verified.collect(found?.reader, (last, count) =>
      rowsAfter(last === undefined ? start : placeOf(last, sort.by), count),
    )
  }

  /** Verifies all candidates, for exact counts. Returns false if there are too many. */
  #verifyAll({ reader, all }: Found): boolean {
    for (let cursor: ListCursor | undefined; ; ) {
      const rows = this.#newestOf([all], cursor, VERIFIED_PER_STEP)
      const results = reader.read(rows)
      const last = rows.at(-1)
      this.#search.drop(rows.filter((_, at) => results[at]?.isFound === false).map((row) => row.run_id))
      if (results.length < rows.length) return false
      if (last === undefined || rows.length < VERIFIED_PER_STEP) return true
      cursor = cursorOf(last)
    }
  }

  #newestOf(walks: readonly Walk[], cursor: ListCursor | undefined, limit: number): RunRow[] {
    const newest = walks.flatMap((walk) => this.#newest(walk, cursor, limit))
    return newest.sort(compareNewestFirst).slice(0, limit)
  }

  #newest({ from, where }: Walk, cursor: ListCursor | undefined, limit: number): RunRow[] {
    const conditions = [...where.conditions, ...(cursor ? ["(r.started_at, r.run_id) < (?, ?)"] : [])]
    const place = cursor ? [cursor.startedAtMs, cursor.runId] : []
    const sql = `SELECT ${RUN_COLUMNS} FROM ${from} CROSS JOIN run_texts t ON t.run_no = r.run_no
      ${whereText(conditions)} ORDER BY r.started_at DESC, r.run_id DESC LIMIT ?`
    return this.db
      .query(sql)
      .all(...where.values, ...place, limit)
      .map(readRun)
  }

  count(query: Pick<RunQuery, "readers" | "filter"> & { failedSince?: string }): StatusCounts {
    return this.#sums(countWalk(query), query.failedSince)
  }

  #sums({ from, where }: Walk, failedSince: string | undefined): StatusCounts {
    const since = failedSince === undefined ? 0 : Date.parse(failedSince)
    // Sums instead of grouping by status, which would sort all runs.
    const sql = `SELECT sum(r.status = 0), sum(r.status = 1), sum(r.status = 2), sum(r.failed = 1 AND r.ended_at >= ?)
      FROM ${from} ${whereText(where.conditions)}`
    const sums =
      this.db
        .query(sql)
        .first(since, ...where.values)
        ?.map(Number) ?? []
    const [in_progress = 0, completed = 0, incomplete = 0, failed = 0] = sums
    return { in_progress, completed, incomplete, failed }
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

  /** Returns the range of keys of the turns to read; undefined for an unknown run or an empty range. */
  #range(read: { run_id: string; from: number; limit: number }): { first: number; end: number } | undefined {
    if (read.from >= TURNS_PER_RUN || read.limit < 1 || !isStorable(read.run_id)) return undefined
    const columns = this.db.query("SELECT run_no FROM runs WHERE run_id = ?").first(read.run_id)
    if (columns === undefined) return undefined
    const zero = numberAt(columns, 0) * TURNS_PER_RUN
    return { first: zero + read.from, end: zero + Math.min(read.from + read.limit, TURNS_PER_RUN) }
  }

  /** Returns the end of a page of about `maxBytes`. SQLite gets the sizes from row headers, without reading long texts. */
  #fitting({ first, end }: { first: number; end: number }, { maxBytes, whole }: TurnsRead): number {
    let bytes = 0
    for (let id = first; id < end; ) {
      const sizes = this.db.query(SIZES).all(id, end, SIZES_PER_READ)
      for (const [body, preview] of sizes) {
        bytes += Number(whole === true ? body : (preview ?? body))
        if (bytes > maxBytes) return Math.max(id, first + 1)
        id++
      }
      if (sizes.length < SIZES_PER_READ) return id
    }
    return end
  }

  #placed(sql: string, from: number, first: number, end: number): string[] {
    const place = (columns: SqlRow, at: number) =>
      placeTurn(from + at, timeAt(columns, 0) ?? "", textAt(columns, 1))
    return this.db.query(sql).all(first, end).map(place)
  }
}

function cursorOf(row: RunRow): ListCursor | undefined {
  return readListCursor(writeListCursor(row))
}
