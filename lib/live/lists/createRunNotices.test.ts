import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import { createLive } from "@/lib/live/createLive"
import { FakeViewerServer } from "@/lib/testing/FakeViewerServer"
import { createRunNotices } from "./createRunNotices"

let server: FakeViewerServer
const settle = (ms = 40) => vi.advanceTimersByTimeAsync(ms)
beforeEach(() => {
  vi.useFakeTimers()
  server = new FakeViewerServer()
})
afterEach(() => {
  vi.useRealTimers()
})

function listen() {
  const live = createLive({ makeSocket: () => server.socket, readSession: async () => undefined })
  live.open()
  const raised: string[] = []
  const over: string[] = []
  const notices = createRunNotices(live, {
    onNotice: (notice, run) => raised.push(`${notice} ${run.run_id}`),
    onOver: (runId) => over.push(runId),
  })
  return { live, notices, raised, over }
}
const waiting = { activity: { since: "2026-01-01T00:00:00.000Z", waiting_for: "approval" } }

describe("createRunNotices", () => {
  it("reports once that a followed run waits and once that it ends", async () => {
    server.add("run-1", 3)
    server.add("run-2", 3)
    const { notices, raised, over } = listen()
    notices.follow(["run-1"])
    await settle()
    server.change("run-1", waiting)
    server.change("run-2", waiting)
    await settle()
    notices.follow(["run-1"])
    server.record("run-1", 2)
    server.end("run-1")
    server.end("run-2")
    await settle()
    expect(raised).toEqual(["waits run-1", "ended run-1"])
    expect(over).toEqual(["run-1"])
  })

  it("doesn't report runs that had already ended or don't exist", async () => {
    server.add("old", 2)
    server.end("old")
    const { notices, raised, over } = listen()
    notices.follow(["old", "nowhere"])
    await settle()
    expect(raised).toEqual([])
    expect(over.sort()).toEqual(["nowhere", "old"])
  })

  it("reports once that a run ended while the page was disconnected", async () => {
    server.add("run-1", 3)
    const { notices, raised } = listen()
    notices.follow(["run-1"])
    await settle()
    server.cut()
    server.record("run-1", 4)
    server.end("run-1")
    await settle(5_000)
    server.reconnect()
    await settle()
    expect(raised).toEqual(["ended run-1"])
    server.cut()
    server.reconnect()
    await settle()
    expect(raised).toEqual(["ended run-1"])
  })

  it("works in a hidden tab, where timers are delayed", async () => {
    server.add("run-1", 3)
    const { notices, raised } = listen()
    notices.follow(["run-1"])
    await settle()
    vi.stubGlobal("document", { hidden: true })
    server.change("run-1", waiting)
    await Promise.resolve()
    vi.unstubAllGlobals()
    expect(raised).toEqual(["waits run-1"])
  })

  it("stops reporting a run after it is unfollowed", async () => {
    server.add("run-1", 3)
    const { notices, raised } = listen()
    notices.follow(["run-1"])
    await settle()
    notices.follow([])
    server.change("run-1", waiting)
    await settle()
    expect(raised).toEqual([])
  })
})
