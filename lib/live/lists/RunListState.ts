import type { ListedRun } from "@/lib/protocol/catalogue"
import type { WireError } from "@/lib/protocol/codes"
import type { RunCounts, RunSummary } from "@/lib/protocol/run"

/** Every run the page knows of, newest data first come from list pages and the watch. */
export type RunsState = {
  byId: ReadonlyMap<string, RunSummary>
  /** Of all that the caller may see; `failed` counts from local midnight on. Undefined until the watch has answered. */
  counts: RunCounts | undefined
}

/** A list under a filter. Nothing in `ids` moves while new runs are held back. */
export type RunListState = {
  phase: "loading" | "ready" | "error"
  error: WireError | undefined
  /** Newest first. */
  ids: readonly string[]
  /** Where the words were found, by run. */
  hits: ReadonlyMap<string, NonNullable<ListedRun["hit"]>>
  /** Whether an older page exists. */
  more: boolean
  loadingMore: boolean
  /** How many runs that the filter admits are held back. */
  pendingNew: number
}

/** The runs in progress, waiting ones first, then newest first; frozen while held. */
export type LiveBoardState = { phase: "loading" | "ready" | "error"; ids: readonly string[] }
