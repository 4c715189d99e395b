import type { RunFilter } from "@/lib/protocol/commands"
import type { LiveRuns } from "@/server/registry/live/LiveRuns"
import { admitsRunOfAnyStatus } from "@/server/store/admitsRun"

/**
 * Counts the matching runs that are waiting or in trouble. Only live data shows which runs these are.
 *
 * @param found the runs that a search has found, used instead of the runs' own texts to match the filter's `q`
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
