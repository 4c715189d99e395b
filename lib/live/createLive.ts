import type { ListedRun } from "@/lib/protocol/catalogue"
import { type ConnectionOptions, createConnection } from "./connection/createConnection"
import { createTicker } from "./connection/createTicker"
import { openSocket, PAGE_BUILD, readSession } from "./connection/openSocket"
import type { Live, SharedStore } from "./Live"
import { createChildRuns } from "./lists/createChildRuns"
import { createIngest } from "./lists/createIngest"
import { createLiveBoard } from "./lists/createLiveBoard"
import { createRecentRuns } from "./lists/createRecentRuns"
import { createRunList } from "./lists/createRunList"
import { createRuns } from "./lists/createRuns"
import { createTurnDigests } from "./run/createTurnDigests"
import { type Following, followRun } from "./run/followRun"

const SEARCH_LIMIT = 20

/** Makes the page's connection; it connects when opened. Tests hand in a socket, a session and a clock. */
export function createLive(options: Partial<ConnectionOptions> & { url?: string } = {}): Live {
  const connection = createConnection({
    makeSocket: options.makeSocket ?? (() => openSocket(options.url)),
    readSession: options.readSession ?? readSession,
    build: options.build ?? PAGE_BUILD,
    ...(options.clock && { clock: options.clock }),
  })
  const { request } = connection
  const runs = createRuns(connection, localMidnight)
  const followed = new Map<string, Following>()
  const active = new Map<string, Following>()
  const children = new Map<string, ReturnType<typeof createChildRuns>>()
  const digests = new Map<string, ReturnType<typeof createTurnDigests>>()
  const recent = new Map<number, ReturnType<typeof createRecentRuns>>()

  connection.onEvent("runs.trace.event", (event) => active.get(event.run_id)?.take(event))
  // A subscription that the server ended: its run was deleted.
  connection.onEvent("runs.error", (error) => {
    if (error.run_id !== undefined && error.error.code === "not_found") active.get(error.run_id)?.drop()
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
      return once(followed, runId, () =>
        followRun(runId, connection, {
          started: (run) => active.set(runId, run),
          stopped(run) {
            if (active.get(runId) === run) active.delete(runId)
            if (followed.get(runId) === run) followed.delete(runId)
          },
          knownCursor: () => runs.store.getState().byId.get(runId)?.cursor,
        }),
      )
    },
    turnDigests: (runId) => once(digests, runId, () => createTurnDigests(runId, connection)),
    listRuns: (filter) => createRunList(filter, connection, runs),
    board: createLiveBoard(connection, runs),
    childRuns: (runId) => once(children, runId, () => createChildRuns(runId, connection, runs)),
    recentRuns: (rangeMs) => once(recent, rangeMs, () => createRecentRuns(rangeMs, connection, runs)),
    ingest: createIngest(connection),
    async searchRuns(words) {
      const page = await request("runs.list", { ...(words !== "" && { q: words }), limit: SEARCH_LIMIT })
      return page.ok ? { ok: true, runs: page.runs satisfies ListedRun[] } : page
    },
    cancelRun: (runId, reason) =>
      request("runs.cancel", { run_id: runId, ...(reason !== undefined && reason !== "" && { reason }) }),
    async deleteRun(runId) {
      const answer = await request("runs.delete", { run_id: runId })
      if (answer.ok) runs.forget([runId])
      return answer
    },
  }
}

/** The same store for the same key, so that all who show it share it. */
function once<K, V extends SharedStore<unknown>>(made: Map<K, V>, key: K, make: () => V): V {
  const known = made.get(key)
  if (known !== undefined) return known
  const fresh = make()
  made.set(key, fresh)
  return fresh
}

function localMidnight(): string {
  const today = new Date()
  today.setHours(0, 0, 0, 0)
  return today.toISOString()
}
