import { createStore } from "zustand/vanilla"
import type { LiveConnection } from "@/lib/live/connection/createConnection"
import { createSharedStore } from "@/lib/live/createSharedStore"
import type { RecentState, SharedStore } from "@/lib/live/Live"
import type { RunFilter } from "@/lib/protocol/commands"
import type { RunSummary } from "@/lib/protocol/run"
import { byNewest } from "@/lib/trace/state/laterSummary"
import { timeMs } from "@/lib/trace/state/runState"
import { createDelay } from "./createDelay"
import type { LoadedRuns } from "./createLoadedRuns"
import { admits } from "./listFilter"
import { readRunPages } from "./readRunPages"

const MAX_RUNS = 2_000
const REFRESH_MS = 1_000
/** Runs may start slightly ahead of the estimated server time. */
const AHEAD_MS = 60_000

/** Creates a store of the runs that match a filter and were active in the last `rangeMs`. */
export function createRecentRuns(
  rangeMs: number,
  filter: RunFilter,
  connection: LiveConnection,
  runs: LoadedRuns,
): SharedStore<RecentState> {
  const store = createStore<RecentState>(() => ({ phase: "loading", runs: [] }))
  const ids = new Set<string>()
  const hits = new Set<string>()
  const refresh = createDelay(REFRESH_MS, () => publish(store.getState().phase))

  function publish(phase: RecentState["phase"]) {
    refresh.cancel()
    const { byId } = runs.store.getState()
    const nowMs = connection.clock.now()
    const since = nowMs - rangeMs
    const isWatched = runs.isWatched(filter)
    const found: RunSummary[] = []
    for (const id of ids) {
      const run = byId.get(id)
      const isRecent = run !== undefined && (timeMs(run.ended_at) ?? Number.POSITIVE_INFINITY) >= since
      if (isRecent && admits(filter, run, { isHit: hits.has(id), isWatched, nowMs })) found.push(run)
      else ids.delete(id)
    }
    store.setState({ phase, runs: found.sort(byNewest) })
  }

  async function load() {
    const now = connection.clock.now()
    const overlaps = {
      from: new Date(now - rangeMs).toISOString(),
      to: new Date(now + AHEAD_MS).toISOString(),
    }
    const query = { ...filter, overlaps }
    const page = await readRunPages(connection.request, query, MAX_RUNS)
    if (!page.ok) {
      publish("error")
      return
    }
    runs.addSummaries(page.runs)
    for (const { run_id } of page.runs) {
      ids.add(run_id)
      if (filter.q !== undefined) hits.add(run_id)
    }
    publish("ready")
  }

  return createSharedStore(
    store,
    () => {
      const stops = [
        runs.watch(filter),
        connection.onConnect(() => void load()),
        runs.onChange(({ upserts, removed }) => {
          for (const run of upserts) ids.add(run.run_id)
          for (const id of removed) ids.delete(id)
          // The first runs are published together, because those that the watch reports are only some of them.
          if (store.getState().phase !== "loading") refresh.schedule()
        }),
      ]
      return () => {
        refresh.cancel()
        for (const stop of stops) stop()
      }
    },
    0,
  )
}
