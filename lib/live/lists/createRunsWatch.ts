import type { LiveConnection } from "@/lib/live/connection/createConnection"
import type { RunFilter } from "@/lib/protocol/commands"
import type { RegistryEvent } from "@/lib/protocol/events"
import { LIMITS } from "@/lib/protocol/limits"
import type { RunSummary } from "@/lib/protocol/run"
import { watchScope } from "./listFilter"

const RETRY_MS = 3_000

/** What the watch reported: changed runs, and the ids of runs that were deleted or no longer match. */
export type RunsChange = { upserts: readonly RunSummary[]; removed: readonly string[] }

export type RunsWatch = {
  /** Widens the watch to include a filter until the returned function is called. */
  add(filter: RunFilter): () => void
  /** True if the watch currently reports exactly the runs in a filter's scope. */
  covers(filter: RunFilter): boolean
}

type OnReport = (change: RunsChange, counts: Pick<RegistryEvent, "counts" | "counts_are_exact">) => void

/**
 * Creates the connection's only watch. If all added filters have the same scope, the watch has that scope; otherwise,
 * it reports all runs.
 */
export function createRunsWatch(
  connection: LiveConnection,
  localMidnight: () => string,
  onReport: OnReport,
): RunsWatch {
  const scopes = new Map<object, RunFilter>()
  let watched: { key: string; cover: string } | undefined
  let isScheduled = false
  let retry: ReturnType<typeof setTimeout> | undefined

  async function apply() {
    isScheduled = false
    clearTimeout(retry)
    if (!connection.socket().connected) return
    if (scopes.size === 0) {
      if (watched !== undefined) void connection.request("runs.unwatch", {})
      watched = undefined
      return
    }
    const scope = coverOf([...scopes.values()])
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
    if (reply.ok) return onReport({ upserts: reply.runs, removed: [] }, reply)
    watched = undefined
    retry = setTimeout(schedule, RETRY_MS)
  }

  // Several lists may be retained and released in one React commit. The watch is updated once, after all these changes.
  function schedule() {
    if (isScheduled) return
    isScheduled = true
    queueMicrotask(() => void apply())
  }

  connection.onConnect(() => {
    watched = undefined
    schedule()
  })
  connection.onEvent("runs.registry.event", (event) => {
    if (watched === undefined) return
    connection.clock.advanceTo(event.server_time)
    onReport(event, event)
    // After midnight, failures are counted from the new day.
    if (!watched.key.endsWith(localMidnight())) schedule()
  })

  return {
    add(filter) {
      const user = {}
      scopes.set(user, watchScope(filter))
      schedule()
      return () => {
        scopes.delete(user)
        schedule()
      }
    },
    covers: (filter) => watched?.cover === JSON.stringify(watchScope(filter)),
  }
}

/** Returns the scope if all scopes are equal, otherwise a scope that includes every run. */
export function coverOf(scopes: readonly RunFilter[]): RunFilter {
  const [first, ...others] = scopes
  const key = JSON.stringify(first)
  return first !== undefined && others.every((scope) => JSON.stringify(scope) === key) ? first : {}
}
