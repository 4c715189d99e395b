import { mayHaveTerms } from "@/server/search/mayHaveTerms"
import { missingTerms, type RunHit, summaryHit, turnHit } from "@/server/search/turnHit"
import { type TermPart, termParts } from "@/server/search/turnWords"
import { OWN_TEXTS_HAVE, type Where } from "@/server/store/postgres/filterSql"
import type { SqlRow } from "@/server/store/postgres/runRow"
import type { RunRow } from "@/server/store/RunStore"
import type { MatchResult } from "@/server/store/VerifiedPage"

type Query = (text: string, values: readonly unknown[], name?: string) => Promise<SqlRow[]>

/** The maximum time that one search spends reading turns. */
const READ_MS = 1_000
const TURNS_PER_READ = 8
const RUNS_WITH_WORDS = "r.run_no IN (SELECT w.run_no FROM turn_words w WHERE w.words @@ ?::tsquery)"

/**
 * Adds the conditions of a search: each term must be in the run's own texts, or its words must be in the run's turns.
 */
export function addTerms(where: Where, terms: readonly string[]): void {
  for (const term of terms) {
    const words = termParts(term).parts.flatMap(queryOf)
    if (words.length === 0) continue
    const conditions = words.map(() => RUNS_WITH_WORDS).join(" AND ")
    where.add(`((${conditions}) OR ${OWN_TEXTS_HAVE} > 0)`, ...words, term)
  }
}

/** Returns the tsquery for a part of a term; none for the middle or the end of a word, which the index can't find. */
function queryOf({ text, startsWord, endsWord, isUnspaced }: TermPart): string[] {
  if (isUnspaced || (startsWord && endsWord)) return [`'${text}'`]
  return startsWord ? [`'${text}':*`] : []
}

/** Reads the turns of candidates to verify that they match and to quote the match. */
export class PostgresVerifier {
  readonly #query: Query
  readonly #terms: readonly string[]
  readonly #results = new Map<string, MatchResult>()
  readonly #until = performance.now() + READ_MS

  constructor(query: Query, terms: readonly string[]) {
    this.#query = query
    this.#terms = terms
  }

  /** Checks runs in order. Returns fewer results than rows if reading takes too long, but always checks the first run. */
  async read(rows: readonly RunRow[]): Promise<MatchResult[]> {
    const results: MatchResult[] = []
    for (const row of rows) {
      const known = this.#results.get(row.run_id)
      if (known === undefined && this.#results.size > 0 && performance.now() > this.#until) break
      const result = known ?? (await this.#result(row))
      this.#results.set(row.run_id, result)
      results.push(result)
    }
    return results
  }

  async #result(row: RunRow): Promise<MatchResult> {
    const missing = missingTerms(row, this.#terms)
    if (missing.length === 0) return { isFound: true, hit: summaryHit(row, this.#terms) }
    let first: RunHit | undefined
    for (const term of missing) {
      const hit = await this.#hit(row.run_id, term)
      if (hit === undefined) return { isFound: false }
      first ??= hit
    }
    return { isFound: true, hit: first }
  }

  /** Returns the first match of a term in a run's turns. */
  async #hit(runId: string, term: string): Promise<RunHit | undefined> {
    const { ascii, wide, coded } = mayHaveTerms([term])
    const conditions = ascii.map((_, at) => `position($${5 + at} in lower(b.body COLLATE "C")) > 0`)
    if (wide) conditions.push("octet_length(b.body) > length(b.body)")
    const all = conditions.length === 0 ? "true" : conditions.join(" AND ")
    const sql = `SELECT b.idx, b.body FROM runs r JOIN bodies b ON b.day = r.day AND b.run_no = r.run_no
      WHERE r.run_id = $1 AND b.idx >= $2 AND ((${all}) OR position($4 in b.body) > 0) ORDER BY b.idx LIMIT $3`
    for (let from = 0; ; ) {
      const rows = await this.#query(sql, [runId, from, TURNS_PER_READ, coded, ...ascii])
      for (const [index, body] of rows) {
        const hit = turnHit(String(body), Number(index), term)
        if (hit !== undefined) return hit
        from = Number(index) + 1
      }
      if (rows.length < TURNS_PER_READ) return undefined
    }
  }
}
