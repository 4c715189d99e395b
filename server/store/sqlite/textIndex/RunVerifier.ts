import { mayHaveTerms } from "@/server/search/mayHaveTerms"
import { missingTerms, type RunHit, summaryHit, turnHit } from "@/server/search/turnHit"
import type { RunRow } from "@/server/store/RunStore"
import { numberAt, type SqlValue, textAt } from "@/server/store/sqlite/bind"
import type { SqliteDatabase } from "@/server/store/sqlite/SqliteDatabase"
import { TURNS_PER_RUN } from "@/server/store/sqlite/schema"
import type { MatchResult } from "@/server/store/VerifiedPage"
import type { FoundTerm } from "./lookUpTerm"
import { CHUNK_TURNS, CHUNKS_PER_RUN, firstTurnOf } from "./SqliteTurnWords"

/** The maximum size of turns that one search reads. */
const BYTES_PER_SEARCH = 48 * 1024 * 1024

const CHUNK = "FROM turns t JOIN bodies b ON b.body_no = t.body_no WHERE t.id >= ? AND t.id < ?"
const BYTES = `SELECT coalesce(sum(octet_length(b.body)), 0) ${CHUNK}`
const BODY = "SELECT b.body FROM turns t JOIN bodies b ON b.body_no = t.body_no WHERE t.id = ?"
const CHUNKS = `SELECT rowid FROM found.turn_words WHERE turn_words MATCH ?
  AND rowid / ${CHUNKS_PER_RUN} IN (SELECT value FROM json_each(?)) ORDER BY rowid`

type Run = { row: RunRow; runNo: number; missing: FoundTerm[] }

/** Reads the turns of candidates to quote the match, and to verify that they match if the index can't decide that. */
export class RunVerifier {
  readonly #db: SqliteDatabase
  readonly #terms: readonly FoundTerm[]
  #bytesLeft: number
  readonly #results = new Map<string, MatchResult>()

  constructor(db: SqliteDatabase, terms: readonly FoundTerm[], bytes = BYTES_PER_SEARCH) {
    this.#db = db
    this.#terms = terms
    this.#bytesLeft = bytes
  }

  /** True if the index can't decide for all terms whether a run matches. */
  get mustVerify(): boolean {
    return this.#terms.some(({ isExact }) => !isExact)
  }

  /**
   * Checks runs in order. Stops after reading the maximum, with fewer results than rows, but always checks the first
   * run.
   */
  read(rows: readonly RunRow[]): MatchResult[] {
    const chunks = this.#chunks(rows.flatMap((row) => (this.#results.has(row.run_id) ? [] : this.#run(row))))
    const results: MatchResult[] = []
    for (const row of rows) {
      const result = this.#results.get(row.run_id) ?? this.#result(this.#run(row), chunks)
      if (result === undefined && this.#results.size > 0) break
      this.#results.set(row.run_id, result ?? { isFound: true })
      results.push(result ?? { isFound: true })
    }
    return results
  }

  #run(row: RunRow): Run {
    const missing = new Set(
      missingTerms(
        row,
        this.#terms.map(({ term }) => term),
      ),
    )
    const columns = this.#db.query("SELECT run_no FROM runs WHERE run_id = ?").first(row.run_id)
    const runNo = columns === undefined ? -1 : numberAt(columns, 0)
    return { row, runNo, missing: this.#terms.filter(({ term }) => missing.has(term)) }
  }

  /** Checks a run. Returns undefined if the maximum was read before the run was decided. */
  #result(
    { row, runNo, missing }: Run,
    chunks: ReadonlyMap<string, readonly number[]>,
  ): MatchResult | undefined {
    if (missing.length === 0) {
      const hit = summaryHit(
        row,
        this.#terms.map(({ term }) => term),
      )
      return { isFound: true, ...(hit && { hit }) }
    }
    let first: RunHit | undefined
    for (const [at, term] of missing.entries()) {
      // Only the first term is quoted. For the other terms, an exact result of the index is sufficient.
      if (term.isExact && at > 0) continue
      const found =
        chunks.get(keyOf(runNo, term)) ?? (term.match === null ? [] : allChunks(row.cursor, runNo))
      const hit = this.#hit(found, runNo, term)
      if (hit === null) return term.isExact ? { isFound: true } : undefined
      if (hit === undefined) return { isFound: false }
      first ??= hit
    }
    return { isFound: true, ...(first && { hit: first }) }
  }

  /**
   * Returns, for each term and each run of more than one chunk, the chunks that may have the term. Uses one query per
   * term for all runs, because expanding words is slow.
   */
  #chunks(runs: readonly Run[]): Map<string, number[]> {
    const chunks = new Map<string, number[]>()
    for (const term of this.#terms) {
      const { match } = term
      if (typeof match !== "string") continue
      const long = runs.filter(({ row, missing }) => row.cursor > CHUNK_TURNS && missing.includes(term))
      if (long.length === 0) continue
      for (const { runNo } of long) chunks.set(keyOf(runNo, term), [])
      for (const found of this.#db.query(CHUNKS).all(match, JSON.stringify(long.map(({ runNo }) => runNo)))) {
        const chunk = numberAt(found, 0)
        chunks.get(keyOf(Math.floor(chunk / CHUNKS_PER_RUN), term))?.push(chunk)
      }
    }
    return chunks
  }

  /**
   * Returns the first match of a term in chunks; undefined if there is none, null if the maximum was read before it was
   * found.
   */
  #hit(chunks: readonly number[], runNo: number, { term }: FoundTerm): RunHit | undefined | null {
    const { sql, values } = turnsWith(term)
    for (const chunk of chunks) {
      const zero = runNo * TURNS_PER_RUN
      const first = zero + firstTurnOf(chunk)
      const ids = [first, first + CHUNK_TURNS]
      if (this.#bytesLeft <= 0) return null
      this.#bytesLeft -= numberAt(this.#db.query(BYTES).first(...ids) ?? [], 0)
      for (const turn of this.#db.query(sql).all(...ids, ...values)) {
        const id = numberAt(turn, 0)
        const body = this.#db.query(BODY).first(id)
        const hit = body && turnHit(textAt(body, 0), id - zero, term)
        if (hit !== undefined) return hit
      }
    }
    return undefined
  }
}

function keyOf(runNo: number, { term }: FoundTerm): string {
  return `${runNo} ${term}`
}

function allChunks(cursor: number, runNo: number): number[] {
  return Array.from({ length: Math.ceil(cursor / CHUNK_TURNS) }, (_, at) => runNo * CHUNKS_PER_RUN + at)
}

function turnsWith(term: string): { sql: string; values: SqlValue[] } {
  const { ascii, wide, coded } = mayHaveTerms([term])
  const conditions = [
    ...ascii.map(() => "instr(lower(b.body), ?) > 0"),
    ...(wide ? ["octet_length(b.body) > length(b.body)"] : []),
  ]
  if (conditions.length === 0) return { sql: `SELECT t.id ${CHUNK} ORDER BY t.id`, values: [] }
  const sql = `SELECT t.id ${CHUNK} AND (${conditions.join(" AND ")} OR instr(b.body, ?) > 0) ORDER BY t.id`
  return { sql, values: [...ascii, coded] }
}
