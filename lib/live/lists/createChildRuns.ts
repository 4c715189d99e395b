import { createStore } from "zustand/vanilla"
import type { LiveConnection } from "@/lib/live/connection/createConnection"
import { createSharedStore } from "@/lib/live/createSharedStore"
import type { ChildrenState, SharedStore } from "@/lib/live/Live"
import type { RunSummary } from "@/lib/protocol/run"
import { byNewest } from "@/lib/trace/state/laterSummary"
import type { Runs } from "./createRuns"
import { readRunPages } from "./readRunPages"

const MAX_CHILDREN = 2_000

/** A run's children, oldest first, kept current by the watch. */
export function createChildRuns(
  runId: string,
  connection: LiveConnection,
  runs: Runs,
): SharedStore<ChildrenState> {
  const store = createStore<ChildrenState>(() => ({ phase: "loading", ids: [] }))
  const filter = { parent_run_id: runId }
  const children = new Set<string>()

  function show(phase: ChildrenState["phase"]) {
    const { byId } = runs.store.getState()
    const found = [...children].flatMap((id): RunSummary[] => {
      const run = byId.get(id)
      return run === undefined ? [] : [run]
    })
    const ids = found.sort((a, b) => byNewest(b, a)).map((run) => run.run_id)
    const shown = store.getState()
    const same = ids.length === shown.ids.length && ids.every((id, at) => id === shown.ids[at])
    if (!same || phase !== shown.phase) store.setState({ phase, ids: same ? shown.ids : ids })
  }

  async function load() {
    const page = await readRunPages(connection.request, filter, MAX_CHILDREN)
    if (!page.ok) {
      if (children.size === 0) store.setState({ phase: "error" })
      return
    }
    runs.learn(page.runs)
    for (const run of page.runs) children.add(run.run_id)
    show("ready")
  }

  return createSharedStore(store, () => {
    const offs = [
      runs.watch(filter),
      connection.onConnect(() => void load()),
      runs.onChange(({ upserts, removed }) => {
        const before = children.size
        for (const run of upserts) if (run.parent?.run_id === runId) children.add(run.run_id)
        if (children.size !== before || removed.length > 0) show(store.getState().phase)
      }),
    ]
    return () => {
      for (const off of offs) off()
    }
  })
}
