import { LRUCache } from "lru-cache"
import type { ListedRun } from "@/lib/protocol/catalog"
import { type ConnectionOptions, createConnection } from "./connection/createConnection"
import { createTicker } from "./connection/createTicker"
import { openSocket, PAGE_BUILD, readSession } from "./connection/openSocket"
import type { Live, RunList, RunSections, SharedStore } from "./Live"
import { createChildRuns } from "./lists/createChildRuns"
import { createIngestLog } from "./lists/createIngestLog"
import { createLoadedRuns } from "./lists/createLoadedRuns"
import { createRecentRuns } from "./lists/createRecentRuns"
import { createRunList } from "./lists/createRunList"
import { createRunSections } from "./lists/createRunSections"
import { createTurnDigests } from "./run/createTurnDigests"
import { type Following, followRun } from "./run/followRun"

const SEARCH_LIMIT = 20
/**
 * How many followed runs are cached. This is more than a connection can subscribe to (200), so a run on screen is never
 * evicted.
 */
const MAX_FOLLOWED = 500
/** How many runs' turn digests are cached. A comparison uses those of two runs. */
const MAX_DIGESTS = 8
/** How many lists keep their loaded rows, for when the user returns to them. */
const MAX_LISTS = 8

/** Creates the page's connection; `open` connects it. Tests pass a socket, a session and a clock. */
export function createLive(options: Partial<ConnectionOptions> & { url?: string } = {}): Live {
  const connection = createConnection({
    makeSocket: options.makeSocket ?? (() => openSocket(options.url)),
    readSession: options.readSession ?? readSession,
    build: options.build ?? PAGE_BUILD,
    ...(options.clock && { clock: options.clock }),
  })
  const { request } = connection
  const runs = createLoadedRuns(connection, localMidnight)
  const followed = new LRUCache<string, Following>({ max: MAX_FOLLOWED })
  const active = new Map<string, Following>()
  const children = new LRUCache<string, ReturnType<typeof createChildRuns>>({ max: MAX_FOLLOWED })
  const digests = new LRUCache<string, ReturnType<typeof createTurnDigests>>({ max: MAX_DIGESTS })
  const recent = new LRUCache<string, ReturnType<typeof createRecentRuns>>({ max: MAX_LISTS })
  const lists = new LRUCache<string, RunList>({ max: MAX_LISTS })
  const sections = new LRUCache<string, RunSections>({ max: MAX_LISTS })

  connection.onEvent("runs.trace.event", (event) => active.get(event.run_id)?.onTraceEvent(event))
  // The server ends a subscription when its run is deleted.
  connection.onEvent("runs.error", (error) => {
    if (error.run_id !== undefined && error.error.code === "not_found") active.get(error.run_id)?.onDeleted()
  })

  return {
    open: connection.open,
    close: connection.close,
    connection: connection.store,
    runs: runs.store,
    request,
    serverNow: connection.clock.now,
    onTick: createTicker(connection.clock.now),
    followRun(runId) {
      return shared(followed, runId, () =>
        followRun(runId, connection, {
          onStart: (run) => active.set(runId, run),
          onStop(run) {
            if (active.get(runId) === run) active.delete(runId)
            if (followed.get(runId) === run) followed.delete(runId)
          },
          knownCursor: () => runs.store.getState().byId.get(runId)?.cursor,
        }),
      )
    },
    turnDigests: (runId) => shared(digests, runId, () => createTurnDigests(runId, connection)),
    listRuns: (query) => shared(lists, JSON.stringify(query), () => createRunList(query, connection, runs)),
    runSections: (filter) =>
      shared(sections, JSON.stringify(filter), () => createRunSections(filter, connection, runs)),
    childRuns: (runId) => shared(children, runId, () => createChildRuns(runId, connection, runs)),
    recentRuns: (rangeMs, filter) =>
      shared(recent, `${rangeMs} ${JSON.stringify(filter)}`, () =>
        createRecentRuns(rangeMs, filter, connection, runs),
      ),
    ingest: createIngestLog(connection),
    async searchRuns(words) {
      const page = await request("runs.list", { ...(words !== "" && { q: words }), limit: SEARCH_LIMIT })
      return page.ok ? { ok: true, runs: page.runs satisfies ListedRun[] } : page
    },
    cancelRun: (runId, reason) =>
      request("runs.cancel", { run_id: runId, ...(reason !== undefined && reason !== "" && { reason }) }),
    async deleteRun(runId) {
      const result = await request("runs.delete", { run_id: runId })
      if (result.ok) runs.forget([runId])
      return result
    },
  }
}

/** Returns the cached store for a key, so that all its users share it. */
function shared<K extends string, V extends SharedStore<unknown>>(
  stores: LRUCache<K, V>,
  key: K,
  create: () => V,
): V {
  const cached = stores.get(key)
  if (cached !== undefined) return cached
  const store = create()
  stores.set(key, store)
  return store
}

function localMidnight(): string {
  const today = new Date()
  today.setHours(0, 0, 0, 0)
  return today.toISOString()
}
