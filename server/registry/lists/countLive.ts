import type { RunFilter } from "@/lib/protocol/commands"
import type { LiveRuns } from "@/server/registry/live/LiveRuns"
import { admitsRunOfAnyStatus } from "@/server/store/admitsRun"

/**
 * Counts matching runs that wait for someone or are in trouble, which is only known from live data.
 *
 * @param found the runs that a search has found, instead of those that have the words in their own texts.
 */
export function countLive(
  live: LiveRuns,
  readers: readonly string[],
  { q, ...rest }: RunFilter,
  found?: ReadonlySet<string>,
): { waiting: number; trouble: number } {
  const filter = found !== undefined || q === undefined ? rest : { ...rest, q }
  const counts = { waiting: 0, trouble: 0 }
  for (const { row, isWaiting, isInTrouble } of live.views()) {
    if (!(isWaiting || isInTrouble) || found?.has(row.run_id) === false) continue
    if (!admitsRunOfAnyStatus(row, filter, readers)) continue
    if (isWaiting) counts.waiting++
    if (isInTrouble) counts.trouble++
  }
  return counts
}
