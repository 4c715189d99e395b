import type { RunTermination } from "@/lib/protocol/run"
import { foldText, shownText } from "@/lib/trace/search/foldText"
import { type OwnTexts, ownTexts } from "@/lib/trace/search/ownTexts"

/** The fields of a run that are searched in addition to its turns. */
export type SearchedRun = OwnTexts & { termination?: RunTermination | undefined }

/** Returns the run's own texts, folded, each on its own line. */
export function searchText(row: SearchedRun): string {
  return foldText(shownText(ownTexts(row).join("\n")))
}

/** Returns true if SQLite stores a string unchanged. Other strings can't match anything that is stored. */
export function isStorable(text: string): boolean {
  return text.isWellFormed() && !text.includes("\0")
}
