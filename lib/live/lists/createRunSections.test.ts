import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import { createLive } from "@/lib/live/createLive"
import type { RunFilter } from "@/lib/protocol/commands"
import type { WaitingKind } from "@/lib/protocol/enums"
import type { RunSummary } from "@/lib/protocol/run"
import { FakeViewerServer } from "@/lib/testing/FakeViewerServer"
import { seededRandom } from "@/lib/testing/seededRandom"

let server: FakeViewerServer
const settle = (ms = 40) => vi.advanceTimersByTimeAsync(ms)
const at = (second: number) => new Date(Date.UTC(2026, 0, 1) + second * 1_000).toISOString()
const id = (second: number) => `run-${String(second).padStart(4, "0")}`
const add = (second: number, more: Partial<RunSummary> = {}) =>
  server.add(id(second), 0, { started_at: at(second), ...more })
const waiting = (second: number, kind: WaitingKind = "approval"): Partial<RunSummary> => ({
  activity: { since: at(second), waiting_for: "you", waiting_kind: kind },
  waiting_since: at(second),
})
const trouble: Partial<RunSummary> = { trouble: [{ kind: "silent", since: at(0), text: "silent for 5m" }] }

const calm = { activity: undefined, trouble: undefined } as unknown as Partial<RunSummary>

beforeEach(() => {
  vi.useFakeTimers({ now: Date.UTC(2026, 0, 1, 12) })
  server = new FakeViewerServer()
})
afterEach(() => {
  vi.useRealTimers()
})

function open(filter: RunFilter = {}) {
  const live = createLive({ makeSocket: () => server.socket, readSession: async () => undefined })
  live.open()
  const sections = live.runSections(filter)
  const release = sections.retain()
  const state = () => sections.store.getState()
  const shown = () =>
    Object.fromEntries(
      state().sections.map(({ section, ids }) => [section, ids.map((it) => Number(it.slice(4)))]),
    )
  return { live, sections, release, state, shown }
}

describe("createRunSections", () => {
  it("puts each run into its section, most urgent section first", async () => {
    add(1, waiting(5))
    add(2, waiting(3))
    add(3, trouble)
    add(4)
    add(5, waiting(1, "prompt"))
    add(6)
    add(7)
    server.end(id(7))
    const { state, shown } = open()
    await settle()
    expect(state()).toMatchObject({ phase: "ready", moved: 0, pendingNew: 0 })
    expect(state().sections.map(({ section }) => section)).toEqual([
      "needs-you",
      "trouble",
      "working",
      "idle",
      "ended",
    ])
    expect(shown()).toEqual({ "needs-you": [2, 1], trouble: [3], working: [6, 4], idle: [5], ended: [7] })
  })

  it("moves a run when its state changes", async () => {
    add(1)
    const { shown } = open()
    await settle()
    server.change(id(1), waiting(2))
    expect(shown()).toEqual({ "needs-you": [1] })
    server.change(id(1), { activity: undefined, ...trouble } as Partial<RunSummary>)
    expect(shown()).toEqual({ trouble: [1] })
    server.end(id(1))
    expect(shown()).toEqual({ ended: [1] })
  })

  it("moves nothing while held, and counts what would move and what is new", async () => {
    for (let second = 1; second <= 4; second++) add(second)
    const { sections, state, shown } = open()
    await settle()
    sections.setHold(true)
    const before = state().sections
    server.change(id(1), waiting(9))
    server.change(id(2), trouble)
    server.end(id(3))
    add(5)
    expect(state().sections).toBe(before)
    expect(state()).toMatchObject({ moved: 3, pendingNew: 1 })
    sections.setHold(false)
    expect(shown()).toEqual({ "needs-you": [1], trouble: [2], working: [5, 4], ended: [3] })
    expect(state()).toMatchObject({ moved: 0, pendingNew: 0 })
  })

  it("applies pending changes on request while held, and holds later ones", async () => {
    add(1)
    const { sections, shown } = open()
    await settle()
    sections.setHold(true)
    add(2)
    sections.applyPending()
    expect(shown()).toEqual({ working: [2, 1] })
    add(3)
    expect(shown()).toEqual({ working: [2, 1] })
  })

  it("no longer counts a run as moved once it is back in the section where it is shown", async () => {
    add(1)
    const { sections, state } = open()
    await settle()
    sections.setHold(true)
    server.change(id(1), waiting(2))
    expect(state().moved).toBe(1)
    server.change(id(1), { activity: undefined } as unknown as Partial<RunSummary>)
    expect(state().moved).toBe(0)
  })

  it("shows the first runs even if held", async () => {
    add(1)
    const { sections, shown } = open()
    sections.setHold(true)
    await settle()
    expect(shown()).toEqual({ working: [1] })
  })

  it("drops a deleted run even while held", async () => {
    add(1)
    add(2)
    const { sections, shown } = open()
    await settle()
    sections.setHold(true)
    server.remove(id(1))
    expect(shown()).toEqual({ working: [2] })
  })

  it("shows only the sections that a filter admits", async () => {
    add(1, waiting(1))
    add(2, { ...waiting(2), ...trouble })
    add(3, trouble)
    add(4)
    add(5)
    server.end(id(5))
    const shown = async (filter: RunFilter) => {
      const page = open(filter)
      await settle()
      page.release()
      return page.shown()
    }
    expect(await shown({ waiting: true })).toEqual({ "needs-you": [1, 2] })
    expect(await shown({ trouble: true })).toEqual({ "needs-you": [2], trouble: [3] })
    expect(await shown({ status: ["in_progress"] })).toEqual({
      "needs-you": [1, 2],
      trouble: [3],
      working: [4],
    })
    expect(await shown({ status: ["completed"] })).toEqual({ ended: [5] })
    expect(await shown({ outcome: ["success"] })).toEqual({ ended: [5] })
    expect(await shown({ failed: true })).toEqual({})
  })

  it("counts runs in progress from the same runs as its sections", async () => {
    for (let second = 0; second < 20; second++) add(second)
    const { live, sections, state } = open()
    await settle()
    const mismatches: unknown[] = []
    sections.store.subscribe(({ live: counts, sizes }) => {
      const runs = [...live.runs.getState().byId.values()].filter(({ status }) => status === "in_progress")
      const troubled = runs.filter(({ trouble = [] }) => trouble.length > 0)
      const both = troubled.filter(({ activity }) => activity?.waiting_kind === "approval").length
      const sum = [...sizes.values()].reduce((all, size) => all + size, 0)
      const expected = {
        in_progress: sum,
        waiting: sizes.get("needs-you"),
        trouble: (sizes.get("trouble") ?? 0) + both,
      }
      if (JSON.stringify(counts) !== JSON.stringify(expected)) mismatches.push({ counts, expected })
    })
    const random = seededRandom(3)
    for (let change = 0; change < 300; change++) {
      const second = random.below(20)
      if (random.chance(0.1)) sections.setHold(random.chance(0.5))
      if (random.chance(0.05)) server.end(id(second))
      else
        server.change(id(second), {
          ...calm,
          ...(random.chance(0.4) && waiting(second)),
          ...(random.chance(0.4) && trouble),
        })
    }
    expect(mismatches).toEqual([])
    expect(state().live?.in_progress).toBeGreaterThan(0)
    expect(state().live?.in_progress).toBeLessThan(20)
  })

  it("says how many runs belong to a section while rows are held", async () => {
    add(1, trouble)
    add(2, trouble)
    const { sections, state, shown } = open()
    await settle()
    sections.setHold(true)
    server.change(id(1), calm)
    expect(shown()).toEqual({ trouble: [2, 1] })
    expect(state().sizes.get("trouble")).toBe(1)
    expect(state().live).toEqual({ in_progress: 2, waiting: 0, trouble: 1 })
  })

  it("counts runs in states that the filter excludes, and nothing if ended runs are requested", async () => {
    add(1, waiting(1))
    add(2, trouble)
    add(3)
    const page = open({ waiting: true })
    await settle()
    expect(page.state().live).toEqual({ in_progress: 3, waiting: 1, trouble: 1 })
    server.change(id(3), trouble)
    expect(page.state().live).toEqual({ in_progress: 3, waiting: 1, trouble: 2 })
    page.release()
    const ended = open({ status: ["completed"] })
    await settle()
    expect(ended.state().live).toBeUndefined()
  })

  it("shows ended runs only below the runs in progress, which take longer to load", async () => {
    for (let second = 0; second < 450; second++) add(second)
    add(500)
    server.end(id(500))
    const { sections, shown } = open()
    const seen: string[] = []
    sections.store.subscribe(({ sections: all }) => seen.push(all.map(({ section }) => section).join()))
    await settle()
    expect(shown().ended).toEqual([500])
    expect(seen).not.toContain("ended")
  })

  it("loads all runs in progress and pages of ended ones", async () => {
    for (let second = 0; second < 450; second++) add(second)
    for (let second = 500; second < 700; second++) {
      add(second)
      server.end(id(second))
    }
    const { sections, state } = open()
    await settle()
    const counts = () => state().sections.map(({ section, ids }) => `${section} ${ids.length}`)
    expect(counts()).toEqual(["working 450", "ended 100"])
    expect(state().more).toBe(true)
    sections.loadMore()
    await settle()
    expect(counts()).toEqual(["working 450", "ended 200"])
    expect(state().more).toBe(false)
  })

  it("catches up after a reconnect in which runs started and ended", async () => {
    for (let second = 0; second < 50; second++) add(second)
    const { state, shown } = open()
    await settle()
    server.cut()
    server.end(id(7))
    add(500)
    server.reconnect()
    await settle()
    expect(shown().ended).toEqual([7])
    expect(shown().working).toHaveLength(50)
    expect(shown().working?.[0]).toBe(500)
    expect(state().phase).toBe("ready")
  })

  it("keeps showing its runs if reloading fails", async () => {
    add(1)
    const { state, shown } = open()
    await settle()
    server.cut()
    server.intercept = (name) =>
      name === "runs.list" ? { ok: false, error: { code: "unavailable", message: "No." } } : undefined
    server.reconnect()
    await settle()
    expect(shown()).toEqual({ working: [1] })
    expect(state()).toMatchObject({ phase: "ready", error: { code: "unavailable" } })
  })

  it("includes runs whose turns contain the search text, which only the server knows", async () => {
    add(1)
    add(2)
    server.intercept = (name, payload) => {
      if (name !== "runs.list" || payload.q === undefined) return undefined
      const { run } = server.runs.get(id(1)) ?? {}
      const runs = (payload.status as string[]).includes("in_progress")
        ? [{ ...run, hit: { index: 3, text: "the zeppelin" } }]
        : []
      return { ok: true, runs, counts: {}, server_time: at(0) }
    }
    const { state, shown } = open({ q: "zeppelin" })
    await settle()
    expect(shown()).toEqual({ working: [1] })
    expect(state().hits.get(id(1))).toEqual({ index: 3, text: "the zeppelin" })
    server.change(id(1), { cursor: 9 })
    expect(shown()).toEqual({ working: [1] })
  })
})
