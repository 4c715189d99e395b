import type { RunFilter } from "@/lib/protocol/commands"
import type { RunSort, SortOrder } from "@/lib/protocol/enums"
import { filterToParams } from "@/lib/protocol/runFilterParams"

/** The filter of the page. `today`: only runs that failed and ended since the viewer's midnight. */
export type PageFilter = Omit<RunFilter, "overlaps"> & { today?: true }

/** The order of a sorted list. */
export type RunOrder = { sort: RunSort; order: SortOrder }

/** True if the filter is empty. */
export function isEmptyFilter(filter: PageFilter): boolean {
  return filterToParams(filter).size === 0
}
