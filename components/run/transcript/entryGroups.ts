import type { RunTurn } from "@/lib/protocol/turn"
import type { TranscriptEntry, TranscriptRole } from "./TranscriptEntry"
import { roleOf, transcriptEntries } from "./transcriptEntries"

/** What one author says or does in a turn. */
export type EntryGroup = { role: TranscriptRole; entries: TranscriptEntry[] }

/**
 * Splits a turn by author: consecutive entries of one author, such as a model's thinking and message, are a group. An
 * error or exit code is shown below the last group, so if there is one, that group belongs to the turn's own author.
 */
export function entryGroups(turn: RunTurn): EntryGroup[] {
  const groups: EntryGroup[] = []
  for (const entry of transcriptEntries(turn)) {
    const last = groups.at(-1)
    const isSame = last?.role === entry.role && (entry.kind === "text" || entry.role === "system")
    if (isSame) last.entries.push(entry)
    else groups.push({ role: entry.role, entries: [entry] })
  }
  const hasResult = turn.error !== undefined || turn.exit_code !== undefined
  const role = roleOf(turn)
  if (hasResult && groups.length > 0 && groups.at(-1)?.role !== role) groups.push({ role, entries: [] })
  return groups
}
