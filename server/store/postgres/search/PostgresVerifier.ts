import { mayHaveTerms } from "@/server/search/mayHaveTerms"
import { missingTerms, type RunHit, summaryHit, turnHit } from "@/server/search/turnHit"
import { type TermPart, termParts } from "@/server/search/turnWords"
import { OWN_TEXTS_HAVE, type Where } from "@/server/store/postgres/filterSql"
import type { SqlRow } from "@/server/store/postgres/runRow"
import type { RunRow } from "@/server/store/RunStore"
import type { Verdict } from "@/server/store/VerifiedPage"

type Query = (text: string, values: readonly unknown[], name?: string) => Promise<SqlRow[]>

/** How long one search reads turns. */
const READ_MS = 1_000
const TURNS_PER_READ = 8
const RUNS_WITH_WORDS = "r.run_no IN (SELECT w.run_no FROM turn_words w WHERE w.words @@ ?::tsquery)"

/** Adds the conditions of a search: each term in the run's own texts, or its words in the run's turns. */
export function addTerms(where: Where, terms: readonly string[]): void {
  for (const term of terms) {
    const words = termParts(term).parts.flatMap(queryOf)
    if (words.length === 0) continue
    const conditions = words.map(() => RUNS_WITH_WORDS).join(" AND ")
    where.add(`((${conditions}) OR ${OWN_TEXTS_HAVE} > 0)`, ...words, term)
  }
}

/** The tsquery for a part. Parts consist of letters and digits only, so they need no escaping. The index can't find the middle of a word. */
function queryOf({ text, startsWord, endsWord, isUnspaced }: TermPart): string[] {
  if (isUnspaced || (startsWord && endsWord)) return [`'${text}'`]
  return startsWord ? [`'${text}':*`] : []
}

/** Reads the turns of runs that the index found, or that no index can find, to verify and to quote them. */
export class PostgresVerifier {
  readonly #query: Query
  readonly #terms: readonly string[]
  readonly #verdicts = new Map<string, Verdict>()
  readonly #until = performance.now() + READ_MS

  constructor(query: Query, terms: readonly string[]) {
    this.#query = query
    this.#terms = terms
  }

  /** Verdicts on runs, in order; fewer than runs once reading took too long. The very first run gets one anyway. */
  async read(rows: readonly RunRow[]): Promise<Verdict[]> {
    const verdicts: Verdict[] = []
    for (const row of rows) {
      const known = this.#verdicts.get(row.run_id)
      if (known === undefined && this.#verdicts.size > 0 && performance.now() > this.#until) break
      const verdict = known ?? (await this.#verdict(row))
      this.#verdicts.set(row.run_id, verdict)
      verdicts.push(verdict)
    }
    return verdicts
  }

  async #verdict(row: RunRow): Promise<Verdict> {
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

  /** The first place of a term in a run's turns. */
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
