import { createStore } from "zustand/vanilla"
import type { LiveConnection } from "@/lib/live/connection/createConnection"
import { createSharedStore } from "@/lib/live/createSharedStore"
import type { LiveBoard } from "@/lib/live/Live"
import type { RunSummary } from "@/lib/protocol/run"
import { isWaiting } from "@/lib/trace/matchesFilter"
import { byNewest } from "@/lib/trace/state/laterSummary"
import type { Runs } from "./createRuns"
import type { LiveBoardState } from "./RunListState"
import { readRunPages } from "./readRunPages"

const MAX_LIVE = 5_000
const RETRY_MS = 3_000

/** The runs in progress, read once a connection and kept current by the watch. */
export function createLiveBoard(connection: LiveConnection, runs: Runs): LiveBoard {
  const store = createStore<LiveBoardState>(() => ({ phase: "loading", ids: [] }))
  const live = new Set<string>()
  let hold = false
  let begun = 0
  let retry: ReturnType<typeof setTimeout> | undefined

  function show(phase = store.getState().phase) {
    const { byId } = runs.store.getState()
    const shown = store.getState().ids
    const ids = hold ? frozen(shown, live, byId) : ordered(live, byId)
    const same = ids.length === shown.length && ids.every((id, at) => id === shown[at])
    if (!same || phase !== store.getState().phase) store.setState({ phase, ids: same ? shown : ids })
  }

  function place(run: RunSummary | undefined) {
    if (run?.status === "in_progress") live.add(run.run_id)
    else if (run !== undefined) live.delete(run.run_id)
  }

  async function load() {
    const mine = ++begun
    clearTimeout(retry)
    const page = await readRunPages(connection.request, { status: ["in_progress"] }, MAX_LIVE)
    if (mine !== begun) return
    if (!page.ok) {
      if (connection.socket().connected) retry = setTimeout(load, RETRY_MS)
      if (live.size === 0) store.setState({ phase: "error" })
      return
    }
    runs.learn(page.runs)
    live.clear()
    const { byId } = runs.store.getState()
    for (const run of page.runs) place(byId.get(run.run_id))
    show("ready")
  }

  const kept = createSharedStore(store, () => {
    const offs = [
      runs.watch({ status: ["in_progress"] }),
      connection.onConnect(() => void load()),
      runs.onChange(({ upserts, removed }) => {
        const { byId } = runs.store.getState()
        for (const { run_id } of upserts) place(byId.get(run_id))
        for (const id of removed) live.delete(id)
        show()
      }),
    ]
    return () => {
      begun++
      clearTimeout(retry)
      for (const off of offs) off()
    }
  })
  return {
    ...kept,
    setHold(wanted) {
      hold = wanted
      show()
    },
  }
}

type ById = ReadonlyMap<string, RunSummary>

/** Waiting runs first, then newest first. */
function ordered(live: ReadonlySet<string>, byId: ById): string[] {
  const found = [...live].flatMap((id) => byId.get(id) ?? []).sort(byNewest)
  const waiting = found.filter(isWaiting)
  return [...waiting, ...found.filter((run) => !isWaiting(run))].map((run) => run.run_id)
}

/** What is shown stays where it is, ended or not; what is new joins at the end. */
function frozen(shown: readonly string[], live: ReadonlySet<string>, byId: ById): string[] {
  const have = new Set(shown)
  return [...shown.filter((id) => byId.has(id)), ...[...live].filter((id) => !have.has(id))]
}
