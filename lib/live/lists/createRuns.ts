import { createStore, type StoreApi } from "zustand/vanilla"
import type { LiveConnection } from "@/lib/live/connection/createConnection"
import type { RunFilter } from "@/lib/protocol/commands"
import type { RegistryEvent } from "@/lib/protocol/events"
import { LIMITS } from "@/lib/protocol/limits"
import type { RunSummary } from "@/lib/protocol/run"
import { laterSummary } from "@/lib/trace/state/laterSummary"
import type { RunsState } from "./RunListState"

/** Summaries kept; past it the oldest ended runs go. */
const MAX_KEPT = 20_000
const RETRY_MS = 3_000

/** What the watch brought: runs that changed, and ids of those deleted. */
export type RunsChange = { upserts: readonly RunSummary[]; removed: readonly string[] }

export type Runs = {
  store: StoreApi<RunsState>
  /** Takes in summaries from a page; the newer of two stands. */
  learn(runs: readonly RunSummary[]): void
  onChange(listener: (change: RunsChange) => void): () => void
  /** Keeps the watch wide enough for this filter until released. */
  watch(filter: RunFilter): () => void
  forget(runIds: readonly string[]): void
}

/**
 * Every run the page knows of, kept current by the connection's one watch. The watch covers what all its users need: the
 * children of one run when that is all, else everything; each user applies its own filter.
 */
export function createRuns(connection: LiveConnection, localMidnight: () => string): Runs {
  const store = createStore<RunsState>(() => ({ byId: new Map(), counts: undefined }))
  const listeners = new Set<(change: RunsChange) => void>()
  const users = new Map<object, RunFilter>()
  let watched: string | undefined
  let due = false
  let retry: ReturnType<typeof setTimeout> | undefined

  function learn(runs: readonly RunSummary[], counts = store.getState().counts) {
    const byId = new Map(store.getState().byId)
    for (const run of runs) byId.set(run.run_id, laterSummary(byId.get(run.run_id), run))
    trim(byId)
    store.setState({ byId, counts })
  }

  function forget(runIds: readonly string[]) {
    if (runIds.length === 0) return
    const byId = new Map(store.getState().byId)
    for (const id of runIds) byId.delete(id)
    store.setState({ byId })
  }

  function wanted(): string | undefined {
    return users.size === 0 ? undefined : JSON.stringify(coverOf([...users.values()]))
  }

  async function apply() {
    due = false
    clearTimeout(retry)
    const cover = wanted()
    if (!connection.socket().connected) return
    if (cover === undefined) {
      if (watched !== undefined) void connection.request("runs.unwatch", {})
      watched = undefined
      return
    }
    const key = `${cover} ${localMidnight()}`
    if (key === watched) return
    watched = key
    const filter = JSON.parse(cover) as RunFilter
    const asked = { ...filter, failed_since: localMidnight(), limit: LIMITS.listLimit }
    const answer = await connection.request("runs.watch", asked)
    if (watched !== key) return
    if (answer.ok) return change({ upserts: answer.runs, removed: [] }, answer.counts)
    watched = undefined
    retry = setTimeout(refresh, RETRY_MS)
  }

  // Users come and go within one commit of the page: the watch is changed once, after them all.
  function refresh() {
    if (due) return
    due = true
    queueMicrotask(() => void apply())
  }

  function change(what: RunsChange, counts: RegistryEvent["counts"]) {
    learn(what.upserts, counts)
    forget(what.removed)
    for (const listener of [...listeners]) listener(what)
  }

  connection.onConnect(() => {
    watched = undefined
    refresh()
  })
  connection.onEvent("runs.registry.event", (event) => {
    if (watched === undefined) return
    connection.clock.advanceTo(event.server_time)
    change(event, event.counts)
    // A day has begun: what failed today is counted from another midnight.
    if (!watched.endsWith(localMidnight())) refresh()
  })

  return {
    store,
    learn: (runs) => learn(runs),
    forget,
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    watch(filter) {
      const user = {}
      users.set(user, filter)
      refresh()
      return () => {
        users.delete(user)
        refresh()
      }
    },
  }
}

/** The narrowest filter that a watch can have and still admit what each of these admits. */
export function coverOf(filters: readonly RunFilter[]): RunFilter {
  const parents = new Set(filters.map((filter) => filter.parent_run_id))
  const [parent] = parents
  return parents.size === 1 && parent !== undefined ? { parent_run_id: parent } : {}
}

function trim(byId: Map<string, RunSummary>) {
  for (const [id, run] of byId) {
    if (byId.size <= MAX_KEPT) return
    if (run.status !== "in_progress") byId.delete(id)
  }
}
