import { createStore, type StoreApi } from "zustand/vanilla"
import type { LiveConnection } from "@/lib/live/connection/createConnection"
import type { RunFilter } from "@/lib/protocol/commands"
import type { RegistryEvent } from "@/lib/protocol/events"
import { LIMITS } from "@/lib/protocol/limits"
import type { RunSummary } from "@/lib/protocol/run"
import { laterSummary } from "@/lib/trace/state/laterSummary"
import { watchScope } from "./listFilter"
import type { RunsState } from "./RunListState"

/** Beyond this many summaries, the oldest ended runs are evicted. */
const MAX_SUMMARIES = 20_000
const RETRY_MS = 3_000

/** What the watch reported: changed runs, and the ids of runs that were deleted or no longer match. */
export type RunsChange = { upserts: readonly RunSummary[]; removed: readonly string[] }

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
 * Creates a store of all runs that the page has loaded, kept up to date by the connection's only watch. If all lists
 * have the same scope, the watch has that scope; otherwise, it reports all runs. Each list applies its own filter to
 * the changes.
 */
export function createLoadedRuns(connection: LiveConnection, localMidnight: () => string): LoadedRuns {
  const store = createStore<RunsState>(() => ({ byId: new Map(), counts: undefined, areCountsExact: true }))
  const listeners = new Set<(change: RunsChange) => void>()
  const users = new Map<object, RunFilter>()
  let watched: { key: string; cover: string } | undefined
  let isScheduled = false
  let retry: ReturnType<typeof setTimeout> | undefined

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

  async function apply() {
    isScheduled = false
    clearTimeout(retry)
    if (!connection.socket().connected) return
    if (users.size === 0) {
      if (watched !== undefined) void connection.request("runs.unwatch", {})
      watched = undefined
      return
    }
    const scope = coverOf([...users.values()])
    const cover = JSON.stringify(scope)
    const key = `${cover} ${localMidnight()}`
    if (key === watched?.key) return
    watched = { key, cover }
    const reply = await connection.request("runs.watch", {
      ...scope,
      failed_since: localMidnight(),
      limit: LIMITS.listLimit,
    })
    if (watched?.key !== key) return
    if (reply.ok) return publish({ upserts: reply.runs, removed: [] }, reply)
    watched = undefined
    retry = setTimeout(schedule, RETRY_MS)
  }

  // Several lists may be retained and released in one React commit. The watch is updated once, after all these changes.
  function schedule() {
    if (isScheduled) return
    isScheduled = true
    queueMicrotask(() => void apply())
  }

  function publish(
    change: RunsChange,
    { counts, counts_are_exact }: Pick<RegistryEvent, "counts" | "counts_are_exact">,
  ) {
    addSummaries(change.upserts, { counts, areCountsExact: counts_are_exact !== false })
    forget(change.removed)
    for (const listener of [...listeners]) listener(change)
  }

  connection.onConnect(() => {
    watched = undefined
    schedule()
  })
  connection.onEvent("runs.registry.event", (event) => {
    if (watched === undefined) return
    connection.clock.advanceTo(event.server_time)
    publish(event, event)
    // After midnight, failures are counted from the new day.
    if (!watched.key.endsWith(localMidnight())) schedule()
  })

  return {
    store,
    addSummaries: (runs) => addSummaries(runs),
    forget,
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    watch(filter) {
      const user = {}
      users.set(user, watchScope(filter))
      schedule()
      return () => {
        users.delete(user)
        schedule()
      }
    },
    isWatched: (filter) => watched?.cover === JSON.stringify(watchScope(filter)),
  }
}

/** Returns the scope if all scopes are equal, otherwise a scope that includes every run. */
export function coverOf(scopes: readonly RunFilter[]): RunFilter {
  const [first, ...others] = scopes
  const key = JSON.stringify(first)
  return first !== undefined && others.every((scope) => JSON.stringify(scope) === key) ? first : {}
}

function evict(byId: Map<string, RunSummary>) {
  for (const [id, run] of byId) {
    if (byId.size <= MAX_SUMMARIES) return
    if (run.status !== "in_progress") byId.delete(id)
  }
}
