import { describe, expect, test } from "vitest"
import { createRunPageStore, readRunUrl, writeRunUrl } from "./createRunPageStore"

describe("a reader", () => {
  test("follows at first, unless the address names a turn or a cursor", () => {
    expect(createRunPageStore({ runId: "r" }).store.getState().following).toBe(true)
    expect(createRunPageStore({ runId: "r", turn: 3 }).store.getState().following).toBe(false)
    expect(createRunPageStore({ runId: "r", at: 3 }).store.getState().following).toBe(false)
  })

  test("who selects a turn stops following there, and a second selection does not move the mark", () => {
    const reader = createRunPageStore({ runId: "r" })
    reader.select({ runId: "r", index: 2 }, 10)
    reader.select({ runId: "r", index: 3 }, 14)
    expect(reader.store.getState()).toMatchObject({ following: false, pausedAt: 10, inspecting: true })
  })

  test("who is done with a turn goes on following, or goes on not to", () => {
    const reader = createRunPageStore({ runId: "r" })
    reader.select(undefined, 10)
    expect(reader.store.getState()).toMatchObject({ following: true, selected: undefined })
    reader.select({ runId: "r", index: 2 }, 10)
    reader.select(undefined, 12)
    expect(reader.store.getState()).toMatchObject({ following: false, pausedAt: 10 })
  })

  test("going live ends rewinding and playing, and keeps the selection", () => {
    const reader = createRunPageStore({ runId: "r", turn: 3, at: 5 })
    reader.play(10)
    reader.goLive()
    expect(reader.store.getState()).toMatchObject({
      following: true,
      at: undefined,
      speed: undefined,
      selected: { runId: "r", index: 3 },
    })
  })
})

describe("the address", () => {
  test("leads back to the same turn and cursor, and keeps what else it holds", () => {
    const reader = createRunPageStore({ runId: "r", turn: 12, at: 41 })
    const params = writeRunUrl(new URLSearchParams("x=1"), reader.store.getState(), "r")
    expect(params.toString()).toBe("x=1&turn=12&at=41")
    expect(readRunUrl(params)).toEqual({ turn: 12, at: 41 })
  })

  test("does not name a turn of another run", () => {
    const reader = createRunPageStore({ runId: "r", turn: 12 })
    reader.select({ runId: "child", index: 1 }, 0)
    expect(writeRunUrl(new URLSearchParams("turn=12"), reader.store.getState(), "r").toString()).toBe("")
  })

  test("nonsense in it is left out", () => {
    expect(readRunUrl(new URLSearchParams("turn=-1&at=x"))).toEqual({})
    expect(readRunUrl(new URLSearchParams("turn=99999999999&at=1.5"))).toEqual({})
  })
})
