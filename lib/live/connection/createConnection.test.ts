import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import { FakeViewerServer } from "@/lib/testing/FakeViewerServer"
import { createConnection } from "./createConnection"
import { createServerClock } from "./createServerClock"
import { createTicker } from "./createTicker"

let server: FakeViewerServer
beforeEach(() => {
  vi.useFakeTimers()
  server = new FakeViewerServer()
})
afterEach(() => {
  vi.useRealTimers()
})
const connect = () =>
  createConnection({
    makeSocket: () => server.socket,
    readSession: async () => ({ name: "viewer", read: "all", control: true, mint: false }),
  })

describe("the connection", () => {
  it("reports connecting, live, reconnecting and signed out", async () => {
    const connection = connect()
    const phase = () => connection.store.getState().phase
    expect(phase()).toBe("connecting")
    connection.open()
    await vi.advanceTimersByTimeAsync(1)
    expect(connection.store.getState()).toMatchObject({
      phase: "live",
      epoch: 1,
      session: { name: "viewer" },
    })
    server.cut()
    expect(phase()).toBe("reconnecting")
    server.reconnect()
    expect(phase()).toBe("live")
    server.cut("io server disconnect")
    expect(phase()).toBe("signed_out")
  })

  it("distinguishes a refused token from a page from another version", () => {
    const connection = connect()
    connection.open()
    server.refuse({ code: "unauthenticated" })
    expect(connection.store.getState().phase).toBe("signed_out")
    server.refuse({ code: "unsupported_protocol", supported: [2] })
    expect(connection.store.getState().phase).toBe("stale")
  })

  it("is stale while the server reports a different build than the page's", async () => {
    let build: string | undefined = "build-1"
    const connection = createConnection({
      makeSocket: () => server.socket,
      readSession: async () => ({
        name: "v",
        read: "all",
        control: true,
        mint: false,
        ...(build && { build }),
      }),
    })
    const phase = () => connection.store.getState().phase
    const again = async (next: string | undefined) => {
      build = next
      server.cut()
      server.reconnect()
      await vi.advanceTimersByTimeAsync(1)
    }
    connection.open()
    await vi.advanceTimersByTimeAsync(1)
    await again("build-1")
    expect(phase()).toBe("live")
    await again("build-2")
    expect(phase()).toBe("stale")
    server.cut()
    expect(phase()).toBe("stale")
    server.reconnect()
    expect(phase()).toBe("stale")
    await again("build-1")
    expect(phase()).toBe("live")
    await again("build-2")
    server.cut("io server disconnect")
    expect(phase()).toBe("signed_out")
    server.reconnect()
    await vi.advanceTimersByTimeAsync(1)
    await again(undefined)
    expect(phase()).toBe("live")
  })

  it("retries reading the session while connected", async () => {
    let asked = 0
    const connection = createConnection({
      makeSocket: () => server.socket,
      readSession: async () =>
        ++asked < 3 ? undefined : { name: "v", read: "all", control: true, mint: false, build: "build-2" },
      build: "build-1",
    })
    connection.open()
    await vi.advanceTimersByTimeAsync(6_000)
    expect(asked).toBe(2)
    server.cut()
    await vi.advanceTimersByTimeAsync(20_000)
    expect(asked).toBe(2)
    server.reconnect()
    await vi.advanceTimersByTimeAsync(1)
    expect(connection.store.getState()).toMatchObject({ phase: "stale", session: { name: "v" } })
    connection.close()
    expect(vi.getTimerCount()).toBe(0)
  })

  it("is stale immediately if the page is from an older build", async () => {
    const connection = createConnection({
      makeSocket: () => server.socket,
      readSession: async () => ({ name: "v", read: "all", control: true, mint: false, build: "build-2" }),
      build: "build-1",
    })
    connection.open()
    await vi.advanceTimersByTimeAsync(1)
    expect(connection.store.getState()).toMatchObject({ phase: "stale", session: { name: "v" } })
  })

  it("settles every request: immediately without a connection, and pending ones on disconnect", async () => {
    const connection = connect()
    expect(await connection.request("runs.list", {})).toMatchObject({
      ok: false,
      error: { code: "unavailable" },
    })
    connection.open()
    const under = connection.request("runs.list", {})
    server.cut()
    expect(await under).toMatchObject({ ok: false, error: { code: "unavailable" } })
  })

  it("times out without a reply, and retries when rate limited", async () => {
    const connection = connect()
    connection.open()
    let refusals = 2
    server.intercept = () =>
      refusals-- > 0
        ? { ok: false, error: { code: "rate_limited", message: "", retry_after_ms: 100 } }
        : undefined
    const list = connection.request("runs.list", {})
    await vi.advanceTimersByTimeAsync(300)
    expect(await list).toMatchObject({ ok: true })
    server.socket.emit = () => undefined
    const lost = connection.request("runs.list", {})
    await vi.advanceTimersByTimeAsync(20_000)
    expect(await lost).toMatchObject({ ok: false, error: { code: "unavailable" } })
  })
})

describe("createServerClock", () => {
  it("is correct with a browser clock that is wrong or set back", () => {
    let ticks = 5_000
    const truth = Date.UTC(2026, 5, 1)
    const clock = createServerClock(
      () => ticks,
      () => truth - 3_600_000,
    )
    ticks += 200
    clock.addSample(new Date(truth).toISOString(), ticks - 200)
    expect(clock.now()).toBe(truth + 100)
    ticks += 60
    expect(clock.now()).toBe(truth + 160)
  })

  it("prefers the fastest sample, and uses a slow one only if it contradicts the estimate", () => {
    let ticks = 0
    const truth = 1_000_000
    const clock = createServerClock(
      () => ticks,
      () => 0,
    )
    const hear = (roundTripMs: number, errorMs = 0) => {
      ticks += roundTripMs
      clock.addSample(new Date(truth + ticks - roundTripMs / 2 + errorMs).toISOString(), ticks - roundTripMs)
    }
    hear(10)
    hear(900, 300)
    expect(clock.now()).toBe(truth + ticks)
    hear(500, 50_000)
    expect(clock.now()).toBe(truth + ticks + 50_000)
    clock.advanceTo(new Date(clock.now() - 5_000).toISOString())
    expect(clock.now()).toBe(truth + ticks + 50_000)
    clock.addSample("nonsense", ticks)
    expect(clock.now()).toBe(truth + ticks + 50_000)
  })
})

describe("createTicker", () => {
  it("calls all listeners once per step, after the boundary, with one timer, and stops without listeners", () => {
    const onTick = createTicker(() => Date.now())
    const calls: number[] = []
    const offs = [0, 1, 2].map(() => onTick(1_000, () => calls.push(Math.floor(Date.now() / 1_000))))
    expect(vi.getTimerCount()).toBe(1)
    const second = Math.floor(Date.now() / 1_000)
    vi.advanceTimersByTime(3_000)
    expect(new Set(calls)).toEqual(
      new Set([second + 1, second + 2, second + 3].filter((it) => calls.includes(it))),
    )
    expect(calls.length % 3).toBe(0)
    expect(calls.length).toBeGreaterThanOrEqual(6)
    for (const off of offs) off()
    expect(vi.getTimerCount()).toBe(0)
  })
})
