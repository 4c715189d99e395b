import type { RunFilter } from "@/lib/protocol/commands"
import type { LiveRuns } from "@/server/registry/live/LiveRuns"
import { admitsRunOfAnyStatus } from "@/server/store/admitsRun"

/** Counts matching runs that wait for someone or are in trouble, which is only known from live data. */
export function countLive(
  live: LiveRuns,
  readers: readonly string[],
  filter: RunFilter,
): { waiting: number; trouble: number } {
  const counts = { waiting: 0, trouble: 0 }
  for (const { row, isWaiting, isInTrouble } of live.views()) {
    if (!(isWaiting || isInTrouble) || !admitsRunOfAnyStatus(row, filter, readers)) continue
    if (isWaiting) counts.waiting++
    if (isInTrouble) counts.trouble++
  }
  return counts
}
