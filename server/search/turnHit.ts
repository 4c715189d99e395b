import type { ListedRun } from "@/lib/protocol/catalogue"
import { parseExact } from "@/lib/protocol/exactNumbers"
import { keepChars, keepLastChars } from "@/lib/trace/cutText"
import { foldText, shownText } from "@/lib/trace/search/foldText"
import { ownTexts } from "@/lib/trace/search/ownTexts"
import { type SearchedRun, searchText } from "./searchText"
import { turnTexts } from "./turnTexts"

/** Where a search found a run: the turn, unless it was in the run's own texts, and the text around it. */
export type RunHit = NonNullable<ListedRun["hit"]>

const SNIPPET_CHARS = 200
/** How much of a snippet comes before the hit. */
const LEAD_CHARS = 60

/** The terms of a search (folded) that a run's own texts lack: they must be in its turns. */
export function missingTerms(row: SearchedRun, terms: readonly string[]): string[] {
  const own = searchText(row)
  return terms.filter((term) => !own.includes(term))
}

/** The hit in the run's own texts. Undefined without terms. */
export function summaryHit(row: SearchedRun, [term]: readonly string[]): RunHit | undefined {
  if (term === undefined) return undefined
  for (const text of ownTexts(row)) {
    const hit = hitIn(text, term)
    if (hit !== undefined) return { text: hit }
  }
  return undefined
}

/** The hit in a stored turn; undefined if it doesn't have the term. */
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

/** At most 200 characters around a place in a text, in one line. */
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
