import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import { createLive } from "@/lib/live/createLive"
import { FakeViewerServer } from "@/lib/testing/FakeViewerServer"
import { turnDigest } from "@/lib/trace/turnDigest"

let server: FakeViewerServer
const settle = (ms = 40) => vi.advanceTimersByTimeAsync(ms)
beforeEach(() => {
  vi.useFakeTimers()
  server = new FakeViewerServer()
})
afterEach(() => {
  vi.useRealTimers()
})

function digestsOf(runId: string) {
  const live = createLive({ makeSocket: () => server.socket, readSession: async () => undefined })
  live.open()
  const digests = live.turnDigests(runId)
  return { live, digests, held: () => digests.store.getState().digests, release: digests.retain() }
}

describe("createTurnDigests", () => {
  it("reads pages up to the requested cursor, and continues when the run has grown", async () => {
    server.add("run-1", 2_500)
    const { digests, held } = digestsOf("run-1")
    await settle()
    expect(server.payloadsOf("runs.get_trace")).toEqual([])
    digests.readTo(2_500)
    await settle()
    expect(held()).toEqual(server.runs.get("run-1")?.turns.map(turnDigest))
    expect(server.payloadsOf("runs.get_trace").map(({ cursor }) => cursor)).toEqual([0, 1_000, 2_000])
    server.record("run-1", 3)
    digests.readTo(2_503)
    digests.readTo(10)
    await settle()
    expect(held()).toHaveLength(2_503)
    expect(server.payloadsOf("runs.get_trace").at(-1)).toMatchObject({ cursor: 2_500, limit: 3 })
  })

  it("continues after a disconnect, and retries with a delay after a refusal", async () => {
    server.add("run-1", 1_500)
    server.cut()
    const { digests, held } = digestsOf("run-1")
    let refusals = 0
    server.intercept = (name, payload) =>
      name === "runs.get_trace" && payload.cursor === 1_000 && ++refusals <= 2
        ? { ok: false, error: { code: "unavailable", message: "" } }
        : undefined
    digests.readTo(1_500)
    await settle()
    expect(held()).toHaveLength(1_000)
    await settle(2_000)
    expect(refusals).toBe(1)
    server.cut()
    server.reconnect()
    await settle()
    expect(refusals).toBe(2)
    await settle(3_000)
    expect(held()).toHaveLength(1_500)
  })

  it("stops reading after the last release", async () => {
    server.add("run-1", 10)
    const { digests, held, release } = digestsOf("run-1")
    release()
    await settle(15_000)
    digests.readTo(10)
    await settle(15_000)
    expect(held()).toHaveLength(0)
  })
})
