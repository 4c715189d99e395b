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

/** Creates a log of `total` turns. Each page ends after `pageTurns`, even if more were requested. */
function log(total: number, pageTurns = 100) {
  return vi.fn(async (cursor: number, limit: number) => {
    const turns: RunTurn[] = []
    for (let index = cursor; index < Math.min(total, cursor + Math.min(limit, pageTurns)); index++)
      turns.push(big(index))
    return { ok: true as const, turns }
  })
}

describe("createTurnBodies", () => {
  it("stays within its bound and evicts the least recently used turns", () => {
    const bodies = createTurnBodies(log(0), 50_000)
    for (let index = 0; index < 200; index++) bodies.put(big(index))
    expect(bodies.size()).toBeLessThanOrEqual(50_000)
    expect(bodies.read(199).state).toBe("turn")
    expect(bodies.read(0).state).toBe("loading")
  })

  it("never evicts visible turns", () => {
    const bodies = createTurnBodies(log(0), 50_000)
    bodies.put(big(0))
    const off = bodies.on(0, () => {})
    for (let index = 1; index < 200; index++) bodies.put(big(index))
    expect(bodies.read(0).state).toBe("turn")
    off()
    bodies.put(big(200))
    expect(bodies.read(0).state).toBe("loading")
  })

  it("requests a turn once, with its neighbors", async () => {
    const fetch = log(1_000)
    const bodies = createTurnBodies(fetch)
    bodies.request(500)
    bodies.request(500)
    bodies.request(503)
    await settle()
    expect(fetch.mock.calls).toEqual([
      [500, 16],
      [492, 8],
    ])
    for (const index of [492, 499, 500, 515]) expect(bodies.read(index).state).toBe("turn")
    bodies.request(501)
    await settle()
    expect(fetch).toHaveBeenCalledTimes(2)
  })

  it("loads all visible turns if a page ends after one large turn", async () => {
    const bodies = createTurnBodies(log(1_000, 1))
    for (const index of [10, 11, 12]) {
      bodies.request(index)
      await settle()
      expect(bodies.read(index).state).toBe("turn")
    }
  })

  it("loads a turn that was requested while a page was loading, even if the page ends before it", async () => {
    const bodies = createTurnBodies(log(1_000, 2))
    for (const index of [10, 13, 14]) {
      bodies.on(index, () => {})
      bodies.request(index)
    }
    await settle()
    for (const index of [10, 13, 14]) expect(bodies.read(index).state).toBe("turn")
  })

  it("reports why a turn couldn't be loaded, and retries after a reconnect", async () => {
    let down = true
    const fetch = vi.fn(async (cursor: number) =>
      down
        ? { ok: false as const, error: { code: "unavailable" as const, message: "Not connected." } }
        : { ok: true as const, turns: [big(cursor)] },
    )
    const bodies = createTurnBodies(fetch)
    const calls = vi.fn()
    bodies.on(5, calls)
    bodies.request(5)
    await settle()
    expect(bodies.read(5)).toMatchObject({ state: "error", error: { code: "unavailable" } })
    expect(bodies.read(5)).toBe(bodies.read(5))
    down = false
    bodies.retryFailed()
    await settle()
    expect(bodies.read(5).state).toBe("turn")
    bodies.request(77)
    expect(calls.mock.calls.length).toBeGreaterThanOrEqual(2)
  })

  it("reports an error for a turn that doesn't exist yet until it arrives", async () => {
    const bodies = createTurnBodies(log(3))
    bodies.request(3)
    await settle()
    expect(bodies.read(3)).toMatchObject({ state: "error", error: { code: "not_found" } })
    bodies.put(big(3))
    expect(bodies.read(3).state).toBe("turn")
  })

  it("drops bodies of another generation and reloads visible turns", async () => {
    const fetch = log(10)
    const bodies = createTurnBodies(fetch)
    bodies.on(4, () => {})
    bodies.put(aStoredTurn(4, { message: "of old" }))
    bodies.clear()
    expect(bodies.read(4).state).toBe("loading")
    await settle()
    expect(bodies.read(4)).toMatchObject({ turn: { message: big(4).message } })
  })

  it("ignores pages of another generation that were still loading", async () => {
    const bodies = createTurnBodies(log(10))
    bodies.request(0)
    bodies.clear()
    await settle()
    expect(bodies.read(0).state).toBe("loading")
  })

  it("doesn't replace a whole turn with a cut one from the live stream", () => {
    const bodies = createTurnBodies(log(0))
    const cut = aStoredTurn(0, { message: "a", truncated: { "/message": 9 } })
    bodies.put(cut)
    expect(bodies.read(0)).toMatchObject({ whole: false })
    bodies.put(aStoredTurn(0, { message: "all of it" }), true)
    bodies.put(cut)
    expect(bodies.read(0)).toMatchObject({ whole: true, turn: { message: "all of it" } })
  })
})
