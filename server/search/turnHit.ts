import type { ListedRun } from "@/lib/protocol/catalogue"
import { keepChars, keepLastChars } from "@/lib/trace/cutText"
import { type SearchedRun, searchForm, searchText } from "./searchText"
import { findSought, type SoughtWord, soughtWords, turnTexts } from "./turnWords"

/** Where a search found a run: the turn, unless it was in the run's own texts, and the text around it. */
export type RunHit = NonNullable<ListedRun["hit"]>

const SNIPPET_CHARS = 200
/** What of a snippet stands before the hit. */
const LEAD_CHARS = 60

/** The hit in the run's own texts (intent, outcome summary, agent); undefined when these don't have all that is sought. */
export function summaryHit(row: SearchedRun, q: string): RunHit | undefined {
  const form = searchForm(q)
  const sought = soughtWords(q).map(({ word }) => word)
  const all = searchText(row)
  if (!all.includes(form) && (sought.length === 0 || !sought.every((word) => all.includes(word))))
    return undefined
  const summary = row.termination?.kind === "outcome" ? row.termination.outcome.summary : undefined
  for (const wanted of [form, ...sought]) {
    for (const text of [row.intent, summary, row.agent_name, row.agent_id]) {
      const at = text === undefined ? -1 : searchForm(text).indexOf(wanted)
      if (text !== undefined && at >= 0) return { text: snippet(text, at) }
    }
  }
  return undefined
}

/** The words of a search that a run's own texts lack, and that a turn must have; the first of them says which turn is shown. */
export function wordsForTurns(row: SearchedRun, q: string): SoughtWord[] {
  const all = searchText(row)
  return soughtWords(q).filter(({ word }) => !all.includes(word))
}

/** The hit in a stored turn; undefined when it has no such word. */
export function turnHit(body: string, index: number, sought: SoughtWord): RunHit | undefined {
  for (const text of turnTexts(body)) {
    const at = findSought(text, sought)
    if (at >= 0) return { index, text: snippet(text, at) }
  }
  return undefined
}

/** At most 200 characters around a place in a text, in one line, without terminal sequences. */
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
  return (
    text
      // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it is here to find
      .replace(/\u001b\[[0-9;:?]{0,64}[A-Za-z]/g, "")
      .replace(/[\p{Cc}\s]+/gu, " ")
  )
}
