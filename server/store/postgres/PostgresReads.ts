import type { Pool } from "pg"
import { isStorable } from "@/server/search/searchText"
import { type ListCursor, readListCursor, writeListCursor } from "@/server/store/listCursor"
import { placeTurn } from "@/server/store/placeTurn"
import type { RunPage, RunQuery, RunRow, StatusCounts, TurnPage } from "@/server/store/RunStore"
import { type Where, whereOf, whereOfAnyStatus } from "./filterSql"
import { asStoreError } from "./postgresErrors"
import { RUN_COLUMN_COUNT, RUN_COLUMNS, readRun, type SqlRow, timeOf } from "./runRow"
import { PostgresSearch } from "./search/PostgresSearch"

const SELECT_RUNS = `SELECT ${RUN_COLUMNS}, t.texts FROM runs r JOIN run_texts t ON t.run_no = r.run_no`
const COUNTS = `SELECT count(*) FILTER (WHERE r.status = 0), count(*) FILTER (WHERE r.status = 1),
  count(*) FILTER (WHERE r.status = 2)`
const OUTLINES = `SELECT t.idx, t.recorded_at, t.outline FROM runs r JOIN turns t ON t.day = r.day AND t.run_no = r.run_no
  WHERE r.run_id = $1 AND t.idx >= $2 AND t.idx < $3 ORDER BY t.idx`
/** Bodies starting at an index, up to `$4` bytes in total. PostgreSQL knows the size of a body without reading it. */
const bodies = (text: string) => `SELECT p.idx, p.recorded_at, p.text FROM (
    SELECT b.idx, b.recorded_at, ${text} AS text, sum(octet_length(${text})) OVER (ORDER BY b.idx) AS bytes
    FROM runs r JOIN bodies b ON b.day = r.day AND b.run_no = r.run_no
    WHERE r.run_id = $1 AND b.idx >= $2 AND b.idx < $3) p
  WHERE p.bytes <= $4 OR p.idx = $2 ORDER BY p.idx`
const WHOLE_BODIES = bodies("b.body")
const PREVIEWS = bodies("coalesce(b.preview, b.body)")
/** Bodies considered per statement: about one page. */
const BODIES_PER_STATEMENT = 128
const MAX_INDEX = 2 ** 31 - 1

type TurnsRead = { run_id: string; from: number; limit: number; maxBytes: number; whole?: boolean }

/** The reads of a run store, one statement each. They reject with `StoreUnavailableError`. */
export class PostgresReads {
  readonly #pool: Pool
  readonly #search: PostgresSearch

  constructor(pool: Pool) {
    this.#pool = pool
    this.#search = new PostgresSearch((text, values) => this.query(text, values))
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

  /** Ids of runs whose retention counts from before a time, the oldest first. */
  async endedBefore(time: string, limit: number): Promise<string[]> {
    const sql = "SELECT run_id FROM runs WHERE retained_from < $1 ORDER BY retained_from LIMIT $2"
    const rows = await this.query(sql, [Date.parse(time), limit])
    return rows.map(([runId]) => String(runId))
  }

  /** Ids of runs in progress whose grace period is over. */
  async expiredGraces(limit: number): Promise<string[]> {
    const sql = `SELECT run_id FROM runs WHERE grace_ends_at < now() AND status = 0 ORDER BY grace_ends_at LIMIT $1`
    return (await this.query(sql, [limit])).map(([runId]) => String(runId))
  }

  async list(query: RunQuery): Promise<RunPage> {
    const { before, limit, counts } = query
    const cursor = before === undefined ? undefined : readListCursor(before)
    if (before !== undefined && (cursor === undefined || !isStorable(cursor.runId))) return { rows: [] }
    const q = query.inTurns ? query.filter.q : undefined
    const { q: _q, ...withoutWords } = query.filter
    const scope = q === undefined ? query : { ...query, filter: withoutWords }
    const where = whereOf(scope)
    if (q !== undefined) this.#search.addWords(where, q)
    const found = await this.#newest(where, cursor, limit + 1)
    const rows = found.slice(0, limit)
    const last = rows[limit - 1]
    return {
      rows,
      ...(found.length > limit && last !== undefined ? { next: writeListCursor(last) } : {}),
      ...(q !== undefined && { hits: await this.#search.hits(rows, q) }),
      ...(counts && { counts: await this.#counts(scope, q, counts.failedSince) }),
    }
  }

  count(query: Pick<RunQuery, "readers" | "filter"> & { failedSince?: string }): Promise<StatusCounts> {
    return this.#counts(query, undefined, query.failedSince)
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
      // The statement always returns its first row; in a later part of a page that row may exceed the limit.
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

  /** Runs a statement, prepared if it has a name; rows as arrays. */
  async query(text: string, values: readonly unknown[], name?: string): Promise<SqlRow[]> {
    try {
      const statement = { text, values: [...values], rowMode: "array" as const, ...(name && { name }) }
      return (await this.#pool.query<unknown[]>(statement)).rows
    } catch (error) {
      throw asStoreError(error)
    }
  }

  #newest(where: Where, cursor: ListCursor | undefined, limit: number): Promise<RunRow[]> {
    if (cursor !== undefined)
      where.add("(r.started_at, r.run_id) < (?::bigint, ?::text)", cursor.startedAtMs, cursor.runId)
    // Select the page's runs first, so that only their texts are read.
    const sql = `SELECT ${RUN_COLUMNS}, t.texts FROM (
        SELECT * FROM runs r ${where.text} ORDER BY r.started_at DESC, r.run_id DESC LIMIT ${where.parameter(limit)}) r
      JOIN run_texts t ON t.run_no = r.run_no ORDER BY r.started_at DESC, r.run_id DESC`
    return this.#runs(sql, where.values)
  }

  async #counts(
    scope: Pick<RunQuery, "readers" | "filter">,
    q: string | undefined,
    failedSince: string | undefined,
  ): Promise<StatusCounts> {
    const where = whereOfAnyStatus(scope)
    if (q !== undefined) this.#search.addWords(where, q)
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

function isReadable(runId: string, from: number): boolean {
  return isStorable(runId) && from < MAX_INDEX
}

function placed([index, recordedAt, text]: SqlRow): string {
  return placeTurn(Number(index), timeOf(recordedAt) ?? "", String(text))
}
