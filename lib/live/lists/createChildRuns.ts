import { createStore } from "zustand/vanilla"
import type { LiveConnection } from "@/lib/live/connection/createConnection"
import { createSharedStore } from "@/lib/live/createSharedStore"
import type { ChildrenState, SharedStore } from "@/lib/live/Live"
import { byNewest } from "@/lib/trace/state/laterSummary"
import type { LoadedRuns } from "./createLoadedRuns"
import { readRunPages } from "./readRunPages"

const MAX_CHILDREN = 2_000

/** Creates a store of a run's children, oldest first, kept up to date by the watch. */
export function createChildRuns(
  runId: string,
  connection: LiveConnection,
  runs: LoadedRuns,
): SharedStore<ChildrenState> {
  const store = createStore<ChildrenState>(() => ({ phase: "loading", ids: [] }))
  const filter = { parent_run_id: runId }
  const children = new Set<string>()

  function publish(phase: ChildrenState["phase"]) {
    const { byId } = runs.store.getState()
    const found = [...children].flatMap((id) => byId.get(id) ?? [])
    const ids = found.sort((a, b) => byNewest(b, a)).map((run) => run.run_id)
    const before = store.getState()
    const isSame = ids.length === before.ids.length && ids.every((id, at) => id === before.ids[at])
    if (!isSame || phase !== before.phase) store.setState({ phase, ids: isSame ? before.ids : ids })
  }

  async function load() {
    const page = await readRunPages(connection.request, filter, MAX_CHILDREN)
    if (!page.ok) {
      if (children.size === 0) store.setState({ phase: "error" })
      return
    }
    runs.addSummaries(page.runs)
    for (const run of page.runs) children.add(run.run_id)
    publish("ready")
  }

  return createSharedStore(
    store,
    () => {
      const stops = [
        runs.watch(filter),
        connection.onConnect(() => void load()),
        runs.onChange(({ upserts, removed }) => {
          const before = children.size
          for (const run of upserts) if (run.parent?.run_id === runId) children.add(run.run_id)
          if (children.size !== before || removed.length > 0) publish(store.getState().phase)
        }),
      ]
      return () => {
        for (const stop of stops) stop()
      }
    },
    0,
  )
}
