import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import type { RunTurn } from "@/lib/protocol/turn"
import { aStoredTurn } from "@/lib/testing/builders"
import { createTurnBodies } from "./createTurnBodies"

const big = (index: number) => aStoredTurn(index, { message: "x".repeat(1_000) })
const settle = () => vi.advanceTimersByTimeAsync(1)

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

/** A log of `total` turns whose pages end after `pageTurns`, however many were asked for. */
function log(total: number, pageTurns = 100) {
  return vi.fn(async (cursor: number, limit: number) => {
    const turns: RunTurn[] = []
    for (let index = cursor; index < Math.min(total, cursor + Math.min(limit, pageTurns)); index++)
      turns.push(big(index))
    return { ok: true as const, turns }
  })
}

describe("the bodies of a run's turns", () => {
  it("stay within their bound, the least recently used going first", () => {
    const bodies = createTurnBodies(log(0), 50_000)
    for (let index = 0; index < 200; index++) bodies.put(big(index))
    expect(bodies.size()).toBeLessThanOrEqual(50_000)
    expect(bodies.read(199).state).toBe("turn")
    expect(bodies.read(0).state).toBe("loading")
  })

  it("keep what is on screen, however much comes", () => {
    const bodies = createTurnBodies(log(0), 50_000)
    bodies.put(big(0))
    const off = bodies.on(0, () => {})
    for (let index = 1; index < 200; index++) bodies.put(big(index))
    expect(bodies.read(0).state).toBe("turn")
    off()
    bodies.put(big(200))
    expect(bodies.read(0).state).toBe("loading")
  })

  it("are asked for once, with their neighbours", async () => {
    const fetch = log(1_000)
    const bodies = createTurnBodies(fetch)
    bodies.want(500)
    bodies.want(500)
    bodies.want(503)
    await settle()
    expect(fetch.mock.calls).toEqual([
      [500, 16],
      [492, 8],
    ])
    for (const index of [492, 499, 500, 515]) expect(bodies.read(index).state).toBe("turn")
    bodies.want(501)
    await settle()
    expect(fetch).toHaveBeenCalledTimes(2)
  })

  it("are found also where a page ends after one large turn", async () => {
    const bodies = createTurnBodies(log(1_000, 1))
    for (const index of [10, 11, 12]) {
      bodies.want(index)
      await settle()
      expect(bodies.read(index).state).toBe("turn")
    }
  })

  it("are found also when they were wanted while a page was on its way that ends before them", async () => {
    const bodies = createTurnBodies(log(1_000, 2))
    for (const index of [10, 13, 14]) {
      bodies.on(index, () => {})
      bodies.want(index)
    }
    await settle()
    for (const index of [10, 13, 14]) expect(bodies.read(index).state).toBe("turn")
  })

  it("say why one can't be had, and are asked for again after a reconnect", async () => {
    let down = true
    const fetch = vi.fn(async (cursor: number) =>
      down
        ? { ok: false as const, error: { code: "unavailable" as const, message: "Not connected." } }
        : { ok: true as const, turns: [big(cursor)] },
    )
    const bodies = createTurnBodies(fetch)
    const heard = vi.fn()
    bodies.on(5, heard)
    bodies.want(5)
    await settle()
    expect(bodies.read(5)).toMatchObject({ state: "error", error: { code: "unavailable" } })
    expect(bodies.read(5)).toBe(bodies.read(5))
    down = false
    bodies.wantAgain()
    await settle()
    expect(bodies.read(5).state).toBe("turn")
    bodies.want(77)
    expect(heard.mock.calls.length).toBeGreaterThanOrEqual(2)
  })

  it("of a turn that does not exist yet are an error until it comes", async () => {
    const bodies = createTurnBodies(log(3))
    bodies.want(3)
    await settle()
    expect(bodies.read(3)).toMatchObject({ state: "error", error: { code: "not_found" } })
    bodies.put(big(3))
    expect(bodies.read(3).state).toBe("turn")
  })

  it("of another generation are forgotten, and what is on screen is fetched anew", async () => {
    const fetch = log(10)
    const bodies = createTurnBodies(fetch)
    bodies.on(4, () => {})
    bodies.put(aStoredTurn(4, { message: "of old" }))
    bodies.clear()
    expect(bodies.read(4).state).toBe("loading")
    await settle()
    expect(bodies.read(4)).toMatchObject({ turn: { message: big(4).message } })
  })

  it("of another generation are forgotten, also those on their way", async () => {
    const bodies = createTurnBodies(log(10))
    bodies.want(0)
    bodies.clear()
    await settle()
    expect(bodies.read(0).state).toBe("loading")
  })

  it("loaded whole are not cut again by the live stream", () => {
    const bodies = createTurnBodies(log(0))
    const cut = aStoredTurn(0, { message: "a", truncated: { "/message": 9 } })
    bodies.put(cut)
    expect(bodies.read(0)).toMatchObject({ whole: false })
    bodies.put(aStoredTurn(0, { message: "all of it" }), true)
    bodies.put(cut)
    expect(bodies.read(0)).toMatchObject({ whole: true, turn: { message: "all of it" } })
  })
})
