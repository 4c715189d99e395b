import { searchForm } from "@/server/search/searchText"
import { type RunHit, summaryHit, turnHit, wordsForTurns } from "@/server/search/turnHit"
import { type SoughtWord, soughtWords } from "@/server/search/turnWords"
import { OWN_TEXTS_HAVE, type Where } from "@/server/store/postgres/filterSql"
import type { SqlRow } from "@/server/store/postgres/runRow"
import type { RunRow } from "@/server/store/RunStore"

type Query = (text: string, values: readonly unknown[], name?: string) => Promise<SqlRow[]>

/** Bound on the text that is read for the hits of one page. */
const BYTES_PER_PAGE = 32 * 1024 * 1024
const RUNS_WITH_WORD = "r.run_no IN (SELECT w.run_no FROM turn_words w WHERE w.words @@ ?::tsquery)"
/** For each run, the first indexed slice that has a word. */
const FIRST_TURNS = `SELECT DISTINCT ON (r.run_id) r.run_id, w.first_idx,
    coalesce((SELECT min(n.first_idx) FROM turn_words n WHERE n.day = w.day AND n.run_no = w.run_no AND n.first_idx > w.first_idx), r.cursor)
  FROM runs r JOIN turn_words w ON w.day = r.day AND w.run_no = r.run_no
  WHERE r.run_id = ANY($1::text[]) AND w.words @@ $2::tsquery ORDER BY r.run_id, w.first_idx`
const BODIES = `SELECT b.idx, b.body FROM runs r JOIN bodies b ON b.day = r.day AND b.run_no = r.run_no
  WHERE r.run_id = $1 AND b.idx >= $2 AND b.idx < $3 ORDER BY b.idx`

/** The tsquery for a word. Words consist of letters and digits only, so they need no escaping. */
function matchOf({ word, whole }: SoughtWord): string {
  return whole ? `'${word}'` : `'${word}':*`
}

/** Full-text search in turns. The index returns candidates; the excerpt comes from the turn's own text. */
export class PostgresSearch {
  readonly #query: Query

  constructor(query: Query) {
    this.#query = query
  }

  /** Adds the conditions of a search: each word in the run's own texts, or in one of its turns. */
  addWords(where: Where, q: string): void {
    const words = soughtWords(q)
    if (words.length === 0) where.add(`${OWN_TEXTS_HAVE} > 0`, searchForm(q))
    for (const sought of words)
      where.add(`(${RUNS_WITH_WORD} OR ${OWN_TEXTS_HAVE} > 0)`, matchOf(sought), sought.word)
  }

  /** Where each run of a page was found. */
  async hits(rows: readonly RunRow[], q: string): Promise<Record<string, RunHit>> {
    const hits: Record<string, RunHit> = {}
    const runsByWord = new Map<string, { sought: SoughtWord; runIds: string[] }>()
    for (const row of rows) {
      const [sought] = wordsForTurns(row, q)
      const hit = sought === undefined ? summaryHit(row, q) : undefined
      if (hit !== undefined) hits[row.run_id] = hit
      if (sought === undefined) continue
      const known = runsByWord.get(sought.word)
      if (known === undefined) runsByWord.set(sought.word, { sought, runIds: [row.run_id] })
      else known.runIds.push(row.run_id)
    }
    let bytesLeft = BYTES_PER_PAGE
    for (const { sought, runIds } of runsByWord.values()) {
      for (const [runId, first, end] of await this.#query(FIRST_TURNS, [runIds, matchOf(sought)])) {
        if (bytesLeft <= 0) return hits
        const bodies = await this.#query(BODIES, [runId, first, end])
        bytesLeft -= bodies.reduce((sum, [, body]) => sum + String(body).length, 0)
        const hit = firstHit(bodies, sought)
        if (hit !== undefined) hits[String(runId)] = hit
      }
    }
    return hits
  }
}

function firstHit(bodies: readonly SqlRow[], sought: SoughtWord): RunHit | undefined {
  for (const [index, body] of bodies) {
    const hit = turnHit(String(body), Number(index), sought)
    if (hit !== undefined) return hit
  }
  return undefined
}
