import { createStore, type StoreApi } from "zustand/vanilla"
import type { LiveConnection } from "@/lib/live/connection/createConnection"
import type { RunFilter } from "@/lib/protocol/commands"
import type { RunSummary } from "@/lib/protocol/run"
import { laterSummary } from "@/lib/trace/state/laterSummary"
import { createRunsWatch, type RunsChange } from "./createRunsWatch"
import type { RunsState } from "./RunListState"

/** Beyond this many summaries, the oldest ended runs are evicted. */
const MAX_SUMMARIES = 20_000

export type LoadedRuns = {
  store: StoreApi<RunsState>
  /** Adds summaries from a page. Of two summaries of the same run, the newer one is kept. */
  addSummaries(runs: readonly RunSummary[]): void
  forget(runIds: readonly string[]): void
  onChange(listener: (change: RunsChange) => void): () => void
  /** Widens the watch to include a filter until the returned function is called. */
  watch(filter: RunFilter): () => void
  /** True if the watch currently reports exactly the runs in a filter's scope. */
  isWatched(filter: RunFilter): boolean
}

/**
 * Creates a store of all runs that the page has loaded, kept up to date by the watch. Each list applies its own filter
 * to the changes.
 */
export function createLoadedRuns(connection: LiveConnection, localMidnight: () => string): LoadedRuns {
  const store = createStore<RunsState>(() => ({ byId: new Map(), counts: undefined, areCountsExact: true }))
  const listeners = new Set<(change: RunsChange) => void>()
  const watch = createRunsWatch(connection, localMidnight, (change, { counts, counts_are_exact }) => {
    addSummaries(change.upserts, { counts, areCountsExact: counts_are_exact !== false })
    forget(change.removed)
    for (const listener of [...listeners]) listener(change)
  })

  function addSummaries(runs: readonly RunSummary[], counted: Partial<Omit<RunsState, "byId">> = {}) {
    const byId = new Map(store.getState().byId)
    for (const run of runs) byId.set(run.run_id, laterSummary(byId.get(run.run_id), run))
    evict(byId)
    store.setState({ byId, ...counted })
  }

  function forget(runIds: readonly string[]) {
    if (runIds.length === 0) return
    const byId = new Map(store.getState().byId)
    for (const id of runIds) byId.delete(id)
    store.setState({ byId })
  }

  return {
    store,
    addSummaries: (runs) => addSummaries(runs),
    forget,
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    watch: watch.add,
    isWatched: watch.covers,
  }
}

function evict(byId: Map<string, RunSummary>) {
  for (const [id, run] of byId) {
    if (byId.size <= MAX_SUMMARIES) return
    if (run.status !== "in_progress") byId.delete(id)
  }
}
