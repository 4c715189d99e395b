import type { ListedRun } from "@/lib/protocol/catalog"
import type { WireError } from "@/lib/protocol/codes"
import type { RunFilter } from "@/lib/protocol/commands"
import type { RunSort, SortOrder } from "@/lib/protocol/enums"
import type { RunCounts, RunSummary } from "@/lib/protocol/run"
import type { RunSection } from "@/lib/trace/state/runSection"

/** All runs that the page has loaded. */
export type RunsState = {
  byId: ReadonlyMap<string, RunSummary>
  /**
   * Counts of the runs that match the watch's filter. `failed` counts from local midnight. Undefined until the watch
   * has replied.
   */
  counts: RunCounts | undefined
  /** False if the counts are upper bounds, because a search found too many runs to verify each of them. */
  areCountsExact: boolean
}

/** Which runs a list contains, and in which order. Default: newest first. */
export type RunListQuery = RunFilter & { sort?: RunSort; order?: SortOrder }

export type SearchHits = ReadonlyMap<string, NonNullable<ListedRun["hit"]>>

type ListState = {
  phase: "loading" | "ready" | "error"
  error: WireError | undefined
  /** Where in each run the search text was found. */
  hits: SearchHits
  /** True if there are more pages. */
  more: boolean
  loadingMore: boolean
}

/** A list of the runs that match a filter. Nothing in `ids` moves while new runs are held back. */
export type RunListState = ListState & {
  ids: readonly string[]
  /** Matching runs that are held back. */
  pending: readonly string[]
}

/** Counts of all runs in progress in a filter's scope, whatever their state. */
export type LiveCounts = Pick<RunCounts, "in_progress" | "waiting" | "trouble">

/** How many runs belong to each section now. */
export type SectionSizes = ReadonlyMap<RunSection, number>

export type SectionRows = { readonly section: RunSection; readonly ids: readonly string[] }

/** The runs that match a filter in their sections, most urgent first. */
export type RunSectionsState = ListState & {
  /** Excludes empty sections. */
  sections: readonly SectionRows[]
  /** The sizes of the sections of runs in progress. While held, a section's rows may differ from its size. */
  sizes: SectionSizes
  /** Counted from the same runs as `sizes`, so that both agree. Undefined if not all of these runs are loaded. */
  live: LiveCounts | undefined
  /** How many matching runs are held back. */
  pendingNew: number
  /** How many runs will move to another section or leave the list when the hold ends. */
  moved: number
}
