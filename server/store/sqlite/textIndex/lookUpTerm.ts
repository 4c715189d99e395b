import { type TermPart, termParts } from "@/server/search/turnWords"
import { textAt } from "@/server/store/sqlite/bind"
import type { SqliteDatabase } from "@/server/store/sqlite/SqliteDatabase"
import { CHUNKS_PER_RUN, GRAM_CHARS, gramsOf } from "./SqliteTurnWords"

/**
 * If more words than this contain a part of a term, the index isn't used for that part, because a scan of the texts
 * finds a match quickly.
 */
const MAX_WORDS = 1_000

const WORDS_WITH_GRAMS = `SELECT w.word FROM found.word_grams CROSS JOIN found.words w ON w.word_no = word_grams.rowid
  WHERE word_grams MATCH ?`
/** Selects the runs whose turns have a term's words. The parameter is the term's `match`. */
export const RUNS_WITH_WORDS = `SELECT rowid / ${CHUNKS_PER_RUN} FROM found.turn_words WHERE turn_words MATCH ?`

/** The result of looking up a term in the index. */
export type FoundTerm = {
  term: string
  /**
   * The match expression for chunks that may have the term. Undefined: any chunk may have it; null: no chunk has it.
   */
  match: string | undefined | null
  /** True if all of these chunks have the term. Otherwise, their texts must be read. */
  isExact: boolean
}

/** Looks up the words of a term in the index attached as `found`. */
export function lookUpTerm(db: SqliteDatabase, term: string): FoundTerm {
  const { parts, isExact } = termParts(term)
  const matches: string[] = []
  let isComplete = isExact
  for (const part of parts) {
    const match = matchOf(db, part)
    if (match === null) return { term, match, isExact: true }
    if (match === undefined) isComplete = false
    else matches.push(match)
  }
  return { term, match: matches.length === 0 ? undefined : matches.join(" AND "), isExact: isComplete }
}

/** Returns a match expression. Words only have letters and digits, so they can't be read as operators. */
function matchOf(
  db: SqliteDatabase,
  { text, startsWord, endsWord, isUnspaced }: TermPart,
): FoundTerm["match"] {
  if (isUnspaced || (startsWord && endsWord)) return `"${text}"`
  if ([...text].length < GRAM_CHARS) return undefined
  const grams = gramsOf(text).map((gram) => `"${gram}"`)
  const [condition, ...values] = startsWord
    ? ["instr(w.word, ?) = 1", text]
    : endsWord
      ? ["substr(w.word, -length(?)) = ?", text, text]
      : ["instr(w.word, ?) > 0", text]
  const sql = `${WORDS_WITH_GRAMS} AND ${condition} LIMIT ${MAX_WORDS + 1}`
  const words = db.query(sql).all(grams.join(" AND "), ...values)
  if (words.length === 0) return null
  if (words.length > MAX_WORDS) return startsWord ? `"${text}"*` : undefined
  return `(${words.map((row) => `"${textAt(row, 0)}"`).join(" OR ")})`
}
