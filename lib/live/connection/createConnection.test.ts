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
  it("says whether it is connecting, live, reconnecting or signed out", async () => {
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
    server.comeBack()
    expect(phase()).toBe("live")
    server.cut("io server disconnect")
    expect(phase()).toBe("signed_out")
  })

  it("tells a refused token and a page of another version apart", () => {
    const connection = connect()
    connection.open()
    server.refuse({ code: "unauthenticated" })
    expect(connection.store.getState().phase).toBe("signed_out")
    server.refuse({ code: "unsupported_protocol", supported: [2] })
    expect(connection.store.getState().phase).toBe("stale")
  })

  it("is stale once the server names another build than the page's, until it names the page's again", async () => {
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
      server.comeBack()
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
    server.comeBack()
    expect(phase()).toBe("stale")
    await again("build-1")
    expect(phase()).toBe("live")
    await again("build-2")
    server.cut("io server disconnect")
    expect(phase()).toBe("signed_out")
    server.comeBack()
    await vi.advanceTimersByTimeAsync(1)
    await again(undefined)
    expect(phase()).toBe("live")
  })

  it("asks for the session again when it could not be read, for as long as it is connected", async () => {
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
    server.comeBack()
    await vi.advanceTimersByTimeAsync(1)
    expect(connection.store.getState()).toMatchObject({ phase: "stale", session: { name: "v" } })
    connection.close()
    expect(vi.getTimerCount()).toBe(0)
  })

  it("is stale at once when the page itself is of an older build", async () => {
    const connection = createConnection({
      makeSocket: () => server.socket,
      readSession: async () => ({ name: "v", read: "all", control: true, mint: false, build: "build-2" }),
      build: "build-1",
    })
    connection.open()
    await vi.advanceTimersByTimeAsync(1)
    expect(connection.store.getState()).toMatchObject({ phase: "stale", session: { name: "v" } })
  })

  it("answers every request: at once without a connection, and what was under way when it is lost", async () => {
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

  it("gives up a request that is never answered, and asks again when there were too many", async () => {
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

describe("the server's clock", () => {
  it("is right under a browser clock that is wrong or set back", () => {
    let ticks = 5_000
    const truth = Date.UTC(2026, 5, 1)
    const clock = createServerClock(
      () => ticks,
      () => truth - 3_600_000,
    )
    ticks += 200
    clock.hear(new Date(truth).toISOString(), ticks - 200)
    expect(clock.now()).toBe(truth + 100)
    ticks += 60
    expect(clock.now()).toBe(truth + 160)
  })

  it("prefers the quickest answer and believes a slow one only when it contradicts", () => {
    let ticks = 0
    const truth = 1_000_000
    const clock = createServerClock(
      () => ticks,
      () => 0,
    )
    const hear = (roundTripMs: number, errorMs = 0) => {
      ticks += roundTripMs
      clock.hear(new Date(truth + ticks - roundTripMs / 2 + errorMs).toISOString(), ticks - roundTripMs)
    }
    hear(10)
    hear(900, 300)
    expect(clock.now()).toBe(truth + ticks)
    hear(500, 50_000)
    expect(clock.now()).toBe(truth + ticks + 50_000)
    clock.hearAtLeast(new Date(clock.now() - 5_000).toISOString())
    expect(clock.now()).toBe(truth + ticks + 50_000)
    clock.hear("nonsense", ticks)
    expect(clock.now()).toBe(truth + ticks + 50_000)
  })
})

describe("the ticker", () => {
  it("calls everybody once per step, after the boundary, by one timer, and none when nobody listens", () => {
    const onTick = createTicker(() => Date.now())
    const heard: number[] = []
    const offs = [0, 1, 2].map(() => onTick(1_000, () => heard.push(Math.floor(Date.now() / 1_000))))
    expect(vi.getTimerCount()).toBe(1)
    const second = Math.floor(Date.now() / 1_000)
    vi.advanceTimersByTime(3_000)
    expect(new Set(heard)).toEqual(
      new Set([second + 1, second + 2, second + 3].filter((it) => heard.includes(it))),
    )
    expect(heard.length % 3).toBe(0)
    expect(heard.length).toBeGreaterThanOrEqual(6)
    for (const off of offs) off()
    expect(vi.getTimerCount()).toBe(0)
  })
})
