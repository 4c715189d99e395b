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

describe("the digests of a run's turns", () => {
  it("are read as far as is wanted, in pages, and on from there when the run has grown", async () => {
    server.add("run-1", 2_500)
    const { digests, held } = digestsOf("run-1")
    await settle()
    expect(server.asked("runs.get_trace")).toEqual([])
    digests.want(2_500)
    await settle()
    expect(held()).toEqual(server.runs.get("run-1")?.turns.map(turnDigest))
    expect(server.asked("runs.get_trace").map(({ cursor }) => cursor)).toEqual([0, 1_000, 2_000])
    server.record("run-1", 3)
    digests.want(2_503)
    digests.want(10)
    await settle()
    expect(held()).toHaveLength(2_503)
    expect(server.asked("runs.get_trace").at(-1)).toMatchObject({ cursor: 2_500, limit: 3 })
  })

  it("go on after the connection was lost, and after a refusal, without a hurry", async () => {
    server.add("run-1", 1_500)
    server.cut()
    const { digests, held } = digestsOf("run-1")
    let refusals = 0
    server.intercept = (name, payload) =>
      name === "runs.get_trace" && payload.cursor === 1_000 && ++refusals <= 2
        ? { ok: false, error: { code: "unavailable", message: "" } }
        : undefined
    digests.want(1_500)
    await settle()
    expect(held()).toHaveLength(1_000)
    await settle(2_000)
    expect(refusals).toBe(1)
    server.cut()
    server.comeBack()
    await settle()
    expect(refusals).toBe(2)
    await settle(3_000)
    expect(held()).toHaveLength(1_500)
  })

  it("are read no more once nobody looks", async () => {
    server.add("run-1", 10)
    const { digests, held, release } = digestsOf("run-1")
    release()
    await settle(15_000)
    digests.want(10)
    await settle(15_000)
    expect(held()).toHaveLength(0)
  })
})
