import { afterEach, beforeEach, expect, test, vi } from "vitest"
import { createLive } from "@/lib/live/createLive"
import { FakeViewerServer } from "@/lib/testing/FakeViewerServer"

beforeEach(() => {
  vi.useFakeTimers({ now: Date.UTC(2026, 0, 1, 12) })
})
afterEach(() => {
  vi.useRealTimers()
})

const BUSY = { ok: false, error: { code: "rate_limited", message: "Later.", retry_after_ms: 5_000 } }
const REFUSED = { ok: false, error: { code: "unavailable", message: "No." } }

function open(reply: object) {
  const server = new FakeViewerServer()
  const started_at = new Date(Date.now() - 60_000).toISOString()
  for (const run_id of ["a", "b"]) server.add(run_id, 0, { started_at })
  let isFirst = true
  server.intercept = (name) => {
    if (name !== "runs.list" || !isFirst) return undefined
    isFirst = false
    return reply
  }
  const live = createLive({ makeSocket: () => server.socket, readSession: async () => undefined })
  live.open()
  const recent = live.recentRuns(3_600_000, {})
  recent.retain()
  return { server, state: () => recent.store.getState() }
}

test("shows no runs until all are loaded, although the watch already reports some", async () => {
  const { server, state } = open(BUSY)
  await vi.advanceTimersByTimeAsync(2_000)
  server.change("a", { cursor: 3 })
  await vi.advanceTimersByTimeAsync(2_000)
  expect(state()).toEqual({ phase: "loading", runs: [] })
  await vi.advanceTimersByTimeAsync(2_000)
  expect(state().phase).toBe("ready")
  expect(state().runs).toHaveLength(2)
})

test("shows the runs that the watch reports if the others couldn't be loaded", async () => {
  const { server, state } = open(REFUSED)
  await vi.advanceTimersByTimeAsync(100)
  expect(state().phase).toBe("error")
  server.change("a", { cursor: 3 })
  await vi.advanceTimersByTimeAsync(2_000)
  expect(state().runs.map(({ run_id }) => run_id)).toContain("a")
})
