import type { RunTermination } from "@/lib/protocol/run"

/** The texts of a run that a search looks at. */
export type SearchedRun = {
  intent: string
  agent_id: string
  agent_name?: string | undefined
  termination?: RunTermination | undefined
}

// A NUL ends a bound string and a lone surrogate is stored as U+FFFD: both sides of a search are put in the form that can be stored.
const UNSTORABLE = /\0|[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g

/** The form in which texts are compared by a search: lower case, and nothing that SQLite cannot hold. */
export function searchForm(text: string): string {
  const lower = text.toLowerCase()
  return isStorable(lower) ? lower : lower.replace(UNSTORABLE, "\uFFFD")
}

/** What `q` of a filter searches of a run: intent, agent and outcome summary, in search form. */
export function searchText(row: SearchedRun): string {
  const summary = row.termination?.kind === "outcome" ? row.termination.outcome.summary : undefined
  const texts = [row.intent, row.agent_id, row.agent_name, summary]
  return searchForm(texts.filter((text) => text !== undefined).join("\n"))
}

/** Whether a string comes back from SQLite as it went in. One that does not can name nothing that is stored. */
export function isStorable(text: string): boolean {
  return text.isWellFormed() && !text.includes("\0")
}
