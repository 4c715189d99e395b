import { createStore } from "zustand/vanilla"
import type { LiveConnection } from "@/lib/live/connection/createConnection"
import { createSharedStore } from "@/lib/live/createSharedStore"
import type { SharedStore } from "@/lib/live/Live"
import type { WireError } from "@/lib/protocol/codes"
import type { RunFilter } from "@/lib/protocol/commands"
import type { RunSummary } from "@/lib/protocol/run"
import type { LoadedRuns } from "./createLoadedRuns"
import { withHits } from "./createRunList"
import { admits, watchScope } from "./listFilter"
import type { SearchHits } from "./RunListState"
import { readRunPages } from "./readRunPages"

const MAX_LIVE = 5_000
const RETRY_MS = 3_000

export type LiveRunsState = {
  phase: "loading" | "ready" | "error"
  error: WireError | undefined
  /** In no particular order. */
  ids: ReadonlySet<string>
  /** The runs in progress in the filter's scope, including those whose state the filter doesn't admit. */
  inScope: ReadonlySet<string>
  /** False if there are more runs in progress than are loaded. */
  isComplete: boolean
  hits: SearchHits
}

/** Creates a store of all runs in progress that match a filter. Read after each connect, then updated by the watch. */
export function createLiveRuns(
  filter: RunFilter,
  connection: LiveConnection,
  runs: LoadedRuns,
): SharedStore<LiveRunsState> {
  const store = createStore<LiveRunsState>(() => ({
    phase: "loading",
    error: undefined,
    ids: new Set(),
    inScope: new Set(),
    isComplete: false,
    hits: new Map(),
  }))
  const scope = watchScope(filter)
  const liveFilter: RunFilter = { ...filter, status: ["in_progress"] }
  const scopeFilter: RunFilter = { ...scope, status: ["in_progress"] }
  let loads = 0
  let retry: ReturnType<typeof setTimeout> | undefined

  async function load() {
    const id = ++loads
    clearTimeout(retry)
    const page = await readRunPages(connection.request, scopeFilter, MAX_LIVE)
    if (id !== loads) return
    if (!page.ok) {
      if (connection.socket().connected) retry = setTimeout(load, RETRY_MS)
      const isReady = store.getState().phase === "ready"
      return store.setState({ error: page.error, ...(!isReady && { phase: "error" }) })
    }
    runs.addSummaries(page.runs)
    const { byId } = runs.store.getState()
    const hits = withHits(new Map(), page.runs)
    const listed = page.runs.flatMap(({ run_id }) => byId.get(run_id) ?? [])
    const idsOf = (one: RunFilter) =>
      new Set(listed.filter((run) => isAdmitted(one, run, true)).map((run) => run.run_id))
    const isComplete = page.next === undefined
    const found = { ids: idsOf(liveFilter), inScope: idsOf(scopeFilter) }
    store.setState({ phase: "ready", error: undefined, ...found, isComplete, hits })
  }

  function isAdmitted(one: RunFilter, run: RunSummary, isHit: boolean): boolean {
    return admits(one, run, {
      isHit,
      isWatched: runs.isWatched(filter),
      nowMs: connection.clock.now(),
    })
  }

  function onChange(changed: readonly string[], removed: readonly string[]) {
    const { byId } = runs.store.getState()
    const { ids, inScope, hits, phase } = store.getState()
    if (phase !== "ready") return
    const updated = (before: ReadonlySet<string>, one: RunFilter) => {
      const next = new Set(before)
      for (const id of changed) {
        const run = byId.get(id)
        if (run !== undefined && isAdmitted(one, run, hits.has(id))) next.add(id)
        else next.delete(id)
      }
      for (const id of removed) next.delete(id)
      const isSame = next.size === before.size && [...next].every((id) => before.has(id))
      return isSame ? before : next
    }
    const next = { ids: updated(ids, liveFilter), inScope: updated(inScope, scopeFilter) }
    if (next.ids !== ids || next.inScope !== inScope) store.setState(next)
  }

  return createSharedStore(
    store,
    () => {
      const stops = [
        runs.watch(filter),
        runs.onChange(({ upserts, removed }) =>
          onChange(
            upserts.map((run) => run.run_id),
            removed,
          ),
        ),
        connection.onConnect(() => void load()),
      ]
      return () => {
        loads++
        clearTimeout(retry)
        for (const stop of stops) stop()
      }
    },
    0,
  )
}
