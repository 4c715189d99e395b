import type { Pool } from "pg"
import type { TurnSearchPage } from "@/lib/protocol/catalog"
import { foldedTerms } from "@/lib/trace/search/searchTerms"
import { isStorable } from "@/server/search/searchText"
import type { TurnSearchQuery } from "@/server/search/TurnScan"
import { countRuns } from "@/server/store/admitsRun"
import { readListCursor, writeListCursor } from "@/server/store/listCursor"
import { placeTurn } from "@/server/store/placeTurn"
import type { ListPage, ListSort, RunQuery, RunRow, StatusCounts, TurnPage } from "@/server/store/RunStore"
import { placeOf, readSortedCursor, type SortedPlace, writeSortedCursor } from "@/server/store/sortedCursor"
import { type MatchResult, VerifiedPage } from "@/server/store/VerifiedPage"
import { sortColumn, type Where, whereOf, whereOfAnyStatus } from "./filterSql"
import { asStoreError } from "./postgresErrors"
import { RUN_COLUMN_COUNT, RUN_COLUMNS, readRun, type SqlRow, timeOf } from "./runRow"
import { addTerms, PostgresVerifier } from "./search/PostgresVerifier"
import { searchPostgresTurns } from "./search/searchPostgresTurns"

const SELECT_RUNS = `SELECT ${RUN_COLUMNS}, t.texts FROM runs r JOIN run_texts t ON t.run_no = r.run_no`
const COUNTS = `SELECT count(*) FILTER (WHERE r.status = 0), count(*) FILTER (WHERE r.status = 1),
  count(*) FILTER (WHERE r.status = 2)`
const OUTLINES = `SELECT t.idx, t.recorded_at, t.outline FROM runs r JOIN turns t ON t.day = r.day AND t.run_no = r.run_no
  WHERE r.run_id = $1 AND t.idx >= $2 AND t.idx < $3 ORDER BY t.idx`
/**
 * Selects bodies starting at an index, up to `$4` bytes in total. PostgreSQL determines the size of a body without
 * reading the body.
 */
const bodies = (text: string) => `SELECT p.idx, p.recorded_at, p.text FROM (
    SELECT b.idx, b.recorded_at, ${text} AS text, sum(octet_length(${text})) OVER (ORDER BY b.idx) AS bytes
    FROM runs r JOIN bodies b ON b.day = r.day AND b.run_no = r.run_no
    WHERE r.run_id = $1 AND b.idx >= $2 AND b.idx < $3) p
  WHERE p.bytes <= $4 OR p.idx = $2 ORDER BY p.idx`
const WHOLE_BODIES = bodies("b.body")
const PREVIEWS = bodies("coalesce(b.preview, b.body)")
/** The maximum number of bodies that a statement considers: about one page. */
const BODIES_PER_STATEMENT = 128
const MAX_INDEX = 2 ** 31 - 1
const NEWEST_FIRST: ListSort = { by: "started", order: "desc" }
const VERIFIED_PER_STEP = 100
const FOUND: MatchResult = { isFound: true }

type TurnsRead = { run_id: string; from: number; limit: number; maxBytes: number; whole?: boolean }

/** The reads of a run store. They reject with `StoreUnavailableError`. */
export class PostgresReads {
  readonly #pool: Pool

  constructor(pool: Pool) {
    this.#pool = pool
  }

  async get(runId: string): Promise<RunRow | undefined> {
    const [row] = await this.getMany([runId])
    return row
  }

  async getMany(runIds: readonly string[]): Promise<RunRow[]> {
    const ids = [...new Set(runIds)].filter(isStorable)
    if (ids.length === 0) return []
    return this.#runs(`${SELECT_RUNS} WHERE r.run_id = ANY($1::text[])`, [ids], "getRuns")
  }

  inProgress(): Promise<RunRow[]> {
    return this.#runs(`${SELECT_RUNS} WHERE r.status = 0`, [], "inProgress")
  }

  /** Returns the ids of runs whose retention started before `time`, oldest first. */
  async endedBefore(time: string, limit: number): Promise<string[]> {
    const sql = "SELECT run_id FROM runs WHERE retained_from < $1 ORDER BY retained_from LIMIT $2"
    const rows = await this.query(sql, [Date.parse(time), limit])
    return rows.map(([runId]) => String(runId))
  }

  /** Returns the ids of runs in progress whose grace period has expired. */
  async expiredGraces(limit: number): Promise<string[]> {
    const sql = `SELECT run_id FROM runs WHERE grace_ends_at < now() AND status = 0 ORDER BY grace_ends_at LIMIT $1`
    return (await this.query(sql, [limit])).map(([runId]) => String(runId))
  }

  async list(query: RunQuery): Promise<ListPage> {
    const { before, limit, counts, sort = NEWEST_FIRST } = query
    const start = before === undefined ? undefined : readPlace(before, query.sort)
    if (before !== undefined && (start === undefined || !isStorable(start.runId))) return { rows: [] }
    const terms = query.inTurns ? foldedTerms(query.filter.q ?? "") : []
    const { q: _q, ...filter } = query.filter
    const scope = terms.length === 0 ? query : { ...query, filter }
    const reader = new PostgresVerifier((text, values) => this.query(text, values), terms)
    const verified = new VerifiedPage(limit, (row) => writePlace(row, query.sort))
    let page: ListPage | undefined
    while (page === undefined) {
      const { last, wanted } = verified
      const where = whereOf(scope)
      addTerms(where, terms)
      const rows = await this.#sorted(
        where,
        sort,
        last === undefined ? start : placeOf(last, sort.by),
        wanted,
      )
      page = verified.take(rows, terms.length === 0 ? rows.map(() => FOUND) : await reader.read(rows))
    }
    if (terms.length === 0) page = { rows: page.rows, ...(page.next !== undefined && { next: page.next }) }
    if (counts === undefined) return page
    if (terms.length === 0) return { ...page, counts: await this.#counts(scope, [], counts.failedSince) }
    return {
      ...page,
      ...(await this.#verifiedCounts(scope, terms, { reader, failedSince: counts.failedSince })),
    }
  }

  /**
   * Verifies all candidates of a search and counts the matching ones. If that takes too long, counts the candidates.
   */
  async #verifiedCounts(
    scope: RunQuery,
    terms: readonly string[],
    { reader, failedSince }: { reader: PostgresVerifier; failedSince: string | undefined },
  ): Promise<Pick<ListPage, "counts" | "countsAreExact">> {
    const found: RunRow[] = []
    for (let place: SortedPlace | undefined; ; ) {
      const where = whereOfAnyStatus(scope)
      addTerms(where, terms)
      const rows = await this.#sorted(where, NEWEST_FIRST, place, VERIFIED_PER_STEP)
      const results = await reader.read(rows)
      found.push(...rows.filter((_, at) => results[at]?.isFound === true))
      if (results.length < rows.length)
        return { counts: await this.#counts(scope, terms, failedSince), countsAreExact: false }
      const last = rows.at(-1)
      if (last === undefined || rows.length < VERIFIED_PER_STEP)
        return { counts: countRuns(found, failedSince) }
      place = placeOf(last, NEWEST_FIRST.by)
    }
  }

  count(query: Pick<RunQuery, "readers" | "filter"> & { failedSince?: string }): Promise<StatusCounts> {
    return this.#counts(query, [], query.failedSince)
  }

  async turns(read: TurnsRead): Promise<TurnPage> {
    const sql = read.whole === true ? WHOLE_BODIES : PREVIEWS
    const name = read.whole === true ? "wholeBodies" : "previews"
    const turns: string[] = []
    let bytesLeft = read.maxBytes
    for (const end = read.from + read.limit; read.from + turns.length < end; ) {
      const from = read.from + turns.length
      const until = Math.min(end, from + BODIES_PER_STATEMENT)
      const rows = isReadable(read.run_id, from)
        ? await this.query(sql, [read.run_id, from, until, bytesLeft], name)
        : []
      // The statement returns its first row whatever its size. Only a page without turns accepts a row that exceeds the
      // limit.
      const [firstText] = rows.map((columns) => String(columns[2]))
      if (turns.length > 0 && firstText !== undefined && Buffer.byteLength(firstText) > bytesLeft) break
      for (const columns of rows) {
        turns.push(placed(columns))
        bytesLeft -= Buffer.byteLength(String(columns[2]))
      }
      if (rows.length < until - from) break
    }
    return { from: read.from, turns }
  }

  async outlines(read: { run_id: string; from: number; limit: number }): Promise<TurnPage> {
    const { run_id, from } = read
    if (!isReadable(run_id, from)) return { from, turns: [] }
    const rows = await this.query(
      OUTLINES,
      [run_id, from, Math.min(MAX_INDEX, from + read.limit)],
      "outlines",
    )
    return { from, turns: rows.map(placed) }
  }

  searchTurns(search: TurnSearchQuery): Promise<TurnSearchPage> {
    if (!isStorable(search.run_id)) return Promise.resolve({ hits: [], total: 0, total_is_exact: true })
    return searchPostgresTurns((text, values) => this.query(text, values), search)
  }

  /** Runs a statement, prepared if it has a name. Returns rows as arrays. */
  async query(text: string, values: readonly unknown[], name?: string): Promise<SqlRow[]> {
    try {
      const statement = { text, values: [...values], rowMode: "array" as const, ...(name && { name }) }
      return (await this.#pool.query<unknown[]>(statement)).rows
    } catch (error) {
      throw asStoreError(error)
    }
  }

  #sorted(
    where: Where,
    { by, order }: ListSort,
    start: SortedPlace | undefined,
    limit: number,
  ): Promise<RunRow[]> {
    const column = sortColumn(by)
    const [direction, sign] = order === "asc" ? ["ASC", ">"] : ["DESC", "<"]
    if (column !== "r.started_at") where.add(`${column} IS NOT NULL`)
    if (start?.value !== undefined)
      where.add(
        `(${column}, r.started_at, r.run_id) ${sign} (?, ?::bigint, ?::text)`,
        start.value,
        start.startedAtMs,
        start.runId,
      )
    // Selects the page's runs first, so that only their texts are read.
    const orderBy = `ORDER BY ${column} ${direction}, r.started_at ${direction}, r.run_id ${direction}`
    const sql = `SELECT ${RUN_COLUMNS}, t.texts FROM (
        SELECT * FROM runs r ${where.text} ${orderBy} LIMIT ${where.parameter(limit)}) r
      JOIN run_texts t ON t.run_no = r.run_no ${orderBy}`
    return this.#runs(sql, where.values)
  }

  async #counts(
    scope: Pick<RunQuery, "readers" | "filter">,
    terms: readonly string[],
    failedSince: string | undefined,
  ): Promise<StatusCounts> {
    const where = whereOfAnyStatus(scope)
    addTerms(where, terms)
    const since = failedSince === undefined ? 0 : Date.parse(failedSince)
    const failed = `count(*) FILTER (WHERE r.failed AND r.ended_at >= ${where.parameter(since)}::bigint)`
    const [sums = []] = await this.query(`${COUNTS}, ${failed} FROM runs r ${where.text}`, where.values)
    const [in_progress = 0, completed = 0, incomplete = 0, failures = 0] = sums.map(Number)
    return { in_progress, completed, incomplete, failed: failures }
  }

  async #runs(text: string, values: readonly unknown[], name?: string): Promise<RunRow[]> {
    const rows = await this.query(text, values, name)
    return rows.map((columns) => readRun(columns, JSON.parse(String(columns[RUN_COLUMN_COUNT]))))
  }
}

/** Returns the cursor for the page after a run. Sorted and unsorted lists have different cursors. */
function writePlace(last: RunRow, sort: ListSort | undefined): string {
  return sort === undefined ? writeListCursor(last) : writeSortedCursor(sort, placeOf(last, sort.by))
}

function readPlace(before: string, sort: ListSort | undefined): SortedPlace | undefined {
  if (sort !== undefined) return readSortedCursor(before, sort)
  const cursor = readListCursor(before)
  return cursor && { ...cursor, value: cursor.startedAtMs }
}

function isReadable(runId: string, from: number): boolean {
  return isStorable(runId) && from < MAX_INDEX
}

function placed([index, recordedAt, text]: SqlRow): string {
  return placeTurn(Number(index), timeOf(recordedAt) ?? "", String(text))
}
