import type { RunTermination } from "@/lib/protocol/run"
import { foldText, shownText } from "@/lib/trace/search/foldText"
import { type OwnTexts, ownTexts } from "@/lib/trace/search/ownTexts"

/** The texts of a run that a search looks at besides its turns. */
export type SearchedRun = OwnTexts & { termination?: RunTermination | undefined }

/** The run's own texts in folded form, one on each line. */
export function searchText(row: SearchedRun): string {
  return foldText(shownText(ownTexts(row).join("\n")))
}

/** Whether a string comes back from SQLite as it went in. One that does not can name nothing that is stored. */
export function isStorable(text: string): boolean {
  return text.isWellFormed() && !text.includes("\0")
}
