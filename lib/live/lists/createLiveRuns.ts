import { createStore } from "zustand/vanilla"
import type { LiveConnection } from "@/lib/live/connection/createConnection"
import { createSharedStore } from "@/lib/live/createSharedStore"
import type { SharedStore } from "@/lib/live/Live"
import type { WireError } from "@/lib/protocol/codes"
import type { RunFilter } from "@/lib/protocol/commands"
import type { RunSummary } from "@/lib/protocol/run"
import { withHits } from "./createRunList"
import type { Runs } from "./createRuns"
import type { SearchHits } from "./RunListState"
import { readRunPages } from "./readRunPages"
import { admits, watchScope } from "./runQuery"

const MAX_LIVE = 5_000
const RETRY_MS = 3_000

export type LiveRunsState = {
  phase: "loading" | "ready" | "error"
  error: WireError | undefined
  /** In no particular order. */
  ids: ReadonlySet<string>
  hits: SearchHits
}

/** Creates a store of all runs in progress that match a filter. Read after each connect, then updated by the watch. */
export function createLiveRuns(
  filter: RunFilter,
  connection: LiveConnection,
  runs: Runs,
): SharedStore<LiveRunsState> {
  const store = createStore<LiveRunsState>(() => ({
    phase: "loading",
    error: undefined,
    ids: new Set(),
    hits: new Map(),
  }))
  const scope = watchScope(filter)
  const liveFilter: RunFilter = { ...filter, status: ["in_progress"] }
  let loads = 0
  let retry: ReturnType<typeof setTimeout> | undefined

  async function load() {
    const id = ++loads
    clearTimeout(retry)
    const query = { ...scope, status: liveFilter.status }
    const page = await readRunPages(connection.request, query, MAX_LIVE)
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
    const ids = listed.filter((run) => isAdmitted(run, true)).map((run) => run.run_id)
    store.setState({ phase: "ready", error: undefined, ids: new Set(ids), hits })
  }

  function isAdmitted(run: RunSummary, isHit: boolean): boolean {
    return admits(liveFilter, run, {
      isHit,
      isWatched: runs.isWatched(filter),
      nowMs: connection.clock.now(),
    })
  }

  function onChange(changed: readonly string[], removed: readonly string[]) {
    const { byId } = runs.store.getState()
    const { ids: before, hits, phase } = store.getState()
    if (phase !== "ready") return
    const ids = new Set(before)
    for (const id of changed) {
      const run = byId.get(id)
      if (run !== undefined && isAdmitted(run, hits.has(id))) ids.add(id)
      else ids.delete(id)
    }
    for (const id of removed) ids.delete(id)
    const isSame = ids.size === before.size && [...ids].every((id) => before.has(id))
    if (!isSame) store.setState({ ids })
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
