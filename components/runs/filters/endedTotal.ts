import type { ShownCounts } from "@/components/runs/useShownCounts"
import { watchScope } from "@/lib/live/lists/listFilter"
import type { PageFilter } from "./PageFilter"

const ENDED = ["completed", "incomplete"] as const

/**
 * Returns how many ended runs match a filter, including those that aren't loaded. Returns undefined if the counts can't
 * tell: they don't distinguish outcomes, and they may include runs that a filter by agent, labels, text or time
 * excludes.
 */
export function endedTotal(filter: PageFilter, shown: ShownCounts | undefined): number | undefined {
  const { status, outcome, failed, today, waiting, trouble, ...rest } = filter
  const isByState = Object.keys(watchScope(rest)).length === 0
  if (shown === undefined || !isByState || outcome || waiting || trouble) return undefined
  const { counts } = shown
  if (failed) return today && status === undefined ? counts.failed : undefined
  if (status === undefined) return shown.ended
  return ENDED.filter((one) => status.includes(one)).reduce((sum, one) => sum + counts[one], 0)
}
