import type { ListedRun } from "@/lib/protocol/catalog"
import { parseExact } from "@/lib/protocol/exactNumbers"
import { keepChars, keepLastChars } from "@/lib/trace/keepChars"
import { foldText, shownText } from "@/lib/trace/search/foldText"
import { ownTexts } from "@/lib/trace/search/ownTexts"
import { type SearchedRun, searchText } from "./searchText"
import { turnTexts } from "./turnTexts"

/** The hit of a search: the text around the match and, unless the match is in the run's own texts, the turn's index. */
export type RunHit = NonNullable<ListedRun["hit"]>

const SNIPPET_CHARS = 200
/** The length of the part of a snippet before the match. */
const LEAD_CHARS = 60

/** Returns the folded terms that aren't in a run's own texts, so they must be in its turns. */
export function missingTerms(row: SearchedRun, terms: readonly string[]): string[] {
  const own = searchText(row)
  return terms.filter((term) => !own.includes(term))
}

/** Returns the hit in the run's own texts; undefined if there are no terms or no hit. */
export function summaryHit(row: SearchedRun, [term]: readonly string[]): RunHit | undefined {
  if (term === undefined) return undefined
  for (const text of ownTexts(row)) {
    const hit = hitIn(text, term)
    if (hit !== undefined) return { text: hit }
  }
  return undefined
}

/** Returns the hit in a stored turn; undefined if the turn doesn't have the term. */
export function turnHit(body: string, index: number, term: string): RunHit | undefined {
  for (const { text } of turnTexts(parseExact(body))) {
    const hit = hitIn(text, term)
    if (hit !== undefined) return { index, text: hit }
  }
  return undefined
}

function hitIn(text: string, term: string): string | undefined {
  const shown = shownText(text)
  const at = foldText(shown).indexOf(term)
  return at < 0 ? undefined : snippet(shown, at)
}

/** Returns at most 200 characters around a position in a string, on one line. */
function snippet(text: string, at: number): string {
  const from = Math.max(0, at - LEAD_CHARS * 2)
  const before = keepLastChars(oneLine(text.slice(from, at)).trimStart(), LEAD_CHARS)
  const cut = from > 0 || before.length === LEAD_CHARS
  const head = `${cut ? "…" : ""}${before}`
  const rest = oneLine(text.slice(at, at + SNIPPET_CHARS * 2)).trimEnd()
  const room = SNIPPET_CHARS - head.length
  if (rest.length <= room && at + SNIPPET_CHARS * 2 >= text.length) return head + rest
  return `${head}${keepChars(rest, room - 1)}…`
}

function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\s]+/gu, " ")
}
