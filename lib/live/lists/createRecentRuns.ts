import { createStore } from "zustand/vanilla"
import type { LiveConnection } from "@/lib/live/connection/createConnection"
import { createSharedStore } from "@/lib/live/createSharedStore"
import type { RecentState, SharedStore } from "@/lib/live/Live"
import type { RunSummary } from "@/lib/protocol/run"
import { byNewest } from "@/lib/trace/state/laterSummary"
import { timeMs } from "@/lib/trace/state/runState"
import type { Runs } from "./createRuns"
import { readRunPages } from "./readRunPages"

const MAX_RUNS = 2_000
const REFRESH_MS = 1_000
/** A run's start may lie a little ahead of this clock. */
const AHEAD_MS = 60_000

/** The runs that were going on in the last `rangeMs`, for lanes over time. */
export function createRecentRuns(
  rangeMs: number,
  connection: LiveConnection,
  runs: Runs,
): SharedStore<RecentState> {
  const store = createStore<RecentState>(() => ({ phase: "loading", runs: [] }))
  const seen = new Set<string>()
  let timer: ReturnType<typeof setTimeout> | undefined

  function show(phase: RecentState["phase"]) {
    clearTimeout(timer)
    timer = undefined
    const { byId } = runs.store.getState()
    const since = connection.clock.now() - rangeMs
    const found: RunSummary[] = []
    for (const id of seen) {
      const run = byId.get(id)
      if (run !== undefined && (timeMs(run.ended_at) ?? Number.POSITIVE_INFINITY) >= since) found.push(run)
      else seen.delete(id)
    }
    store.setState({ phase, runs: found.sort(byNewest) })
  }

  async function load() {
    const now = connection.clock.now()
    const overlaps = {
      from: new Date(now - rangeMs).toISOString(),
      to: new Date(now + AHEAD_MS).toISOString(),
    }
    const page = await readRunPages(connection.request, { overlaps }, MAX_RUNS)
    if (!page.ok) {
      if (seen.size === 0) store.setState({ phase: "error" })
      return
    }
    runs.learn(page.runs)
    for (const run of page.runs) seen.add(run.run_id)
    show("ready")
  }

  return createSharedStore(store, () => {
    const offs = [
      runs.watch({}),
      connection.onConnect(() => void load()),
      runs.onChange(({ upserts, removed }) => {
        for (const run of upserts) seen.add(run.run_id)
        for (const id of removed) seen.delete(id)
        timer ??= setTimeout(() => show(store.getState().phase), REFRESH_MS)
      }),
    ]
    return () => {
      clearTimeout(timer)
      timer = undefined
      for (const off of offs) off()
    }
  })
}
