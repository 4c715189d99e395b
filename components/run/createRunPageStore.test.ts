import { describe, expect, test } from "vitest"
import { createRunPageStore, type RunPageStore } from "./createRunPageStore"
import { readRunUrl, writeRunUrl } from "./runPageUrl"

const modeOf = (page: RunPageStore) => page.store.getState().mode

describe("the mode of a run page", () => {
  test("is live at first, unless the URL names a turn or a cursor", () => {
    expect(modeOf(createRunPageStore({ runId: "r" }))).toEqual({ kind: "live" })
    expect(modeOf(createRunPageStore({ runId: "r", turn: 3 }))).toEqual({ kind: "paused", at: undefined })
    expect(modeOf(createRunPageStore({ runId: "r", at: 3 }))).toEqual({
      kind: "replaying",
      cursor: 3,
      speed: undefined,
    })
  })

  test("is paused by a selection, and a second selection doesn't move the start of new turns", () => {
    const page = createRunPageStore({ runId: "r" })
    page.select({ runId: "r", index: 2 }, 10)
    page.select({ runId: "r", index: 3 }, 14)
    expect(modeOf(page)).toEqual({ kind: "paused", at: 10 })
  })

  test("isn't changed by deselecting", () => {
    const page = createRunPageStore({ runId: "r" })
    page.select(undefined, 10)
    expect(modeOf(page)).toEqual({ kind: "live" })
    page.pause(10)
    page.select(undefined, 14)
    expect(modeOf(page)).toEqual({ kind: "paused", at: 10 })
  })

  test("is paused by sorting, including by the URL; following again restores the chronological order", () => {
    const page = createRunPageStore({ runId: "r" })
    page.setSort("cost", 10)
    expect(modeOf(page)).toEqual({ kind: "paused", at: 10 })
    page.goLive()
    expect(page.store.getState()).toMatchObject({ mode: { kind: "live" }, sort: undefined })
    page.setSort(undefined, 12)
    expect(modeOf(page)).toEqual({ kind: "live" })
    expect(modeOf(createRunPageStore({ runId: "r", sort: "cost" }))).toEqual({
      kind: "paused",
      at: undefined,
    })
  })

  test("counts new turns from the loaded run if the page started paused", () => {
    const page = createRunPageStore({ runId: "r", turn: 3 })
    page.setLoaded(20)
    page.setLoaded(25)
    expect(modeOf(page)).toEqual({ kind: "paused", at: 20 })
  })

  test("keeps the speed while a replay plays, and drops it with the replay", () => {
    const page = createRunPageStore({ runId: "r", turn: 3, at: 5 })
    page.play(10)
    page.replay(6.4)
    expect(modeOf(page)).toEqual({ kind: "replaying", cursor: 6, speed: 10 })
    page.goLive()
    expect(modeOf(page)).toEqual({ kind: "live" })
    expect(page.store.getState().selected).toEqual({ runId: "r", index: 3 })
    page.play(10)
    expect(modeOf(page)).toEqual({ kind: "live" })
  })
})

describe("the URL of a run page", () => {
  const roundTrip = (query: string) => {
    const page = createRunPageStore({ runId: "r", ...readRunUrl(new URLSearchParams(query)) })
    return writeRunUrl(new URLSearchParams(query), page.store.getState(), "r").toString()
  }

  test.each([
    "turn=12&at=41",
    "view=transcript&q=connection+refused",
    "filter=errors%2Cexits&sort=cost",
    "zoom=1000-5000",
    "turn=1&other=kept",
    "",
  ])("restores the same view: ?%s", (query) => {
    expect([...new URLSearchParams(roundTrip(query))].sort()).toEqual([...new URLSearchParams(query)].sort())
  })

  test("keeps commas and other characters in facet names", () => {
    const page = createRunPageStore({ runId: "r", filter: ["tool:a,b&c=d", "model:x/y"] })
    const params = writeRunUrl(new URLSearchParams(), page.store.getState(), "r")
    expect(readRunUrl(new URLSearchParams(params.toString())).filter).toEqual(["tool:a,b&c=d", "model:x/y"])
  })

  test("doesn't name a turn of another run", () => {
    const page = createRunPageStore({ runId: "r", turn: 12 })
    page.select({ runId: "child", index: 1 }, 20)
    expect(writeRunUrl(new URLSearchParams(), page.store.getState(), "r").toString()).toBe("")
  })

  test.each(["turn=-1&at=x", "view=other", "sort=name", "zoom=5-1", "zoom=a-b", "filter=%25E0%25A4"])(
    "ignores invalid values: ?%s",
    (query) => {
      expect(roundTrip(query)).toBe("")
    },
  )
})
