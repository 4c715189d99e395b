import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import { createLive } from "@/lib/live/createLive"
import { aRun } from "@/lib/testing/builders"
import { FakeViewerServer } from "@/lib/testing/FakeViewerServer"
import { coverOf } from "./createRunsWatch"
import type { RunListQuery } from "./RunListState"

let server: FakeViewerServer
const settle = (ms = 40) => vi.advanceTimersByTimeAsync(ms)
const at = (second: number) => new Date(Date.UTC(2026, 0, 1) + second * 1_000).toISOString()
const add = (second: number, more = {}) =>
  server.add(`run-${String(second).padStart(4, "0")}`, 0, { started_at: at(second), ...more })
const totals = (errors: number) => ({ ...aRun().totals, errors })
const id = (second: number) => `run-${String(second).padStart(4, "0")}`

beforeEach(() => {
  vi.useFakeTimers({ now: Date.UTC(2026, 0, 1, 12) })
  server = new FakeViewerServer()
})
afterEach(() => {
  vi.useRealTimers()
})

function openLive() {
  const live = createLive({ makeSocket: () => server.socket, readSession: async () => undefined })
  live.open()
  return live
}
function open(filter: RunListQuery = {}, live = openLive()) {
  const list = live.listRuns(filter)
  list.retain()
  return {
    live,
    list,
    state: () => list.store.getState(),
    row: (run: string) => live.runs.getState().byId.get(run),
  }
}

describe("createRunList", () => {
  it("loads pages newest first", async () => {
    for (let second = 0; second < 250; second++) add(second)
    const { list, state } = open()
    await settle()
    expect(state().ids[0]).toBe(id(249))
    expect(state()).toMatchObject({ phase: "ready", more: true })
    while (state().more) {
      list.loadMore()
      list.loadMore()
      await settle()
    }
    expect(state().ids).toEqual(Array.from({ length: 250 }, (_, back) => id(249 - back)))
  })

  it("updates a row in place without changing the list", async () => {
    add(1)
    const { state, row } = open()
    await settle()
    const before = state()
    server.record(id(1), 3)
    await settle()
    expect(row(id(1))?.cursor).toBe(3)
    expect(state()).toBe(before)
  })

  it("holds new runs back until they are applied or the list is released", async () => {
    add(1)
    const { list, state } = open()
    list.setHold(true)
    await settle()
    add(2)
    add(3)
    await settle()
    expect(state()).toMatchObject({ ids: [id(1)], pending: [id(2), id(3)] })
    list.applyPending()
    expect(state()).toMatchObject({ ids: [id(3), id(2), id(1)], pending: [] })
    add(4)
    expect(state().ids).toHaveLength(3)
    list.setHold(false)
    expect(state().ids[0]).toBe(id(4))
    add(5)
    expect(state().ids[0]).toBe(id(5))
  })

  it("removes a run that no longer matches, but not while held", async () => {
    add(1)
    add(2)
    const { list, state } = open({ status: ["in_progress"] })
    list.setHold(true)
    await settle()
    server.end(id(2))
    expect(state().ids).toEqual([id(2), id(1)])
    list.setHold(false)
    expect(state().ids).toEqual([id(1)])
    add(3, { agent_id: "x" })
    expect(state().ids).toEqual([id(3), id(1)])
  })

  it("ignores new runs that don't match", async () => {
    add(1, { agent_id: "mine" })
    const { state } = open({ agent_id: "mine" })
    await settle()
    add(2, { agent_id: "other" })
    await settle()
    expect(state()).toMatchObject({ ids: [id(1)], pending: [] })
  })

  it("keeps its rows through a reconnect and holds back what was missed", async () => {
    add(1)
    add(2)
    const { list, state, row } = open()
    list.setHold(true)
    await settle()
    server.cut()
    add(3)
    server.record(id(1), 7)
    server.end(id(2))
    const phases: string[] = []
    list.store.subscribe((now) => phases.push(`${now.phase} ${now.ids.length}`))
    server.reconnect()
    await settle()
    expect(new Set(phases)).toEqual(new Set(["ready 2"]))
    expect(state()).toMatchObject({ ids: [id(2), id(1)], pending: [id(3)] })
    expect(row(id(1))?.cursor).toBe(7)
    expect(row(id(2))?.status).toBe("completed")
  })

  it("drops a deleted run even while held", async () => {
    add(1)
    add(2)
    const { list, state } = open()
    list.setHold(true)
    await settle()
    server.remove(id(1))
    expect(state().ids).toEqual([id(2)])
  })

  it("never replaces a newer event with an older reply", async () => {
    add(1)
    const { live, row } = open()
    await settle()
    const stale = { ...server.runs.get(id(1))?.run }
    server.record(id(1), 5)
    server.intercept = (name) =>
      name === "runs.list" ? { ok: true, runs: [stale], counts: {}, server_time: at(0) } : undefined
    open({ agent_id: "agent/a" }, live)
    await settle()
    expect(row(id(1))?.cursor).toBe(5)
  })

  it("sends its order to the server and sorts changed rows at most every two seconds", async () => {
    add(1, { totals: totals(5) })
    add(2, { totals: totals(1) })
    const { state } = open({ sort: "errors", order: "desc" })
    await settle()
    expect(server.payloadsOf("runs.list").at(-1)).toMatchObject({ sort: "errors", order: "desc" })
    expect(state().ids).toEqual([id(1), id(2)])
    server.change(id(2), { totals: totals(9) })
    await settle()
    expect(state().ids).toEqual([id(1), id(2)])
    await settle(2_000)
    expect(state().ids).toEqual([id(2), id(1)])
  })

  it("doesn't sort changed rows while held", async () => {
    add(1, { totals: totals(5) })
    add(2, { totals: totals(1) })
    const { list, state } = open({ sort: "errors", order: "desc" })
    await settle()
    list.setHold(true)
    server.change(id(2), { totals: totals(9) })
    await settle(5_000)
    expect(state().ids).toEqual([id(1), id(2)])
    list.setHold(false)
    expect(state().ids).toEqual([id(2), id(1)])
  })

  it("leaves a relative time to the server, and shows runs that start within it", async () => {
    const { list } = open({ since: "1h" })
    await settle()
    expect(server.payloadsOf("runs.list")[0]).toMatchObject({ since: "1h" })
    server.add("new", 0, { started_at: new Date(Date.now() - 60_000).toISOString() })
    server.add("old", 0, { started_at: new Date(Date.now() - 7_200_000).toISOString() })
    expect(list.store.getState().ids).toEqual(["new"])
  })

  it("keeps the rows of a list that is reopened", async () => {
    for (let second = 0; second < 150; second++) add(second)
    const live = openLive()
    const list = live.listRuns({})
    const release = list.retain()
    await settle()
    list.loadMore()
    await settle()
    release()
    const again = live.listRuns({})
    expect(again.store.getState().ids).toHaveLength(150)
    again.retain()
    add(200)
    await settle()
    expect(again.store.getState().ids).toHaveLength(151)
  })
})

describe("the watch", () => {
  const watched = () => server.payloadsOf("runs.watch").map(({ failed_since, limit, ...scope }) => scope)

  it("is shared by all lists with the same filter, whatever their state and order", async () => {
    const live = openLive()
    const filter = { agent_id: "mine" }
    live.runSections(filter).retain()
    live.listRuns({ ...filter, status: ["completed"], sort: "cost" }).retain()
    live.recentRuns(3_600_000, filter).retain()
    await settle()
    expect(watched()).toEqual([filter])
  })

  it("changes with the filter", async () => {
    const live = openLive()
    const release = live.runSections({ agent_id: "a" }).retain()
    await settle()
    release()
    live.runSections({ agent_id: "b" }).retain()
    await settle()
    expect(watched()).toEqual([{ agent_id: "a" }, { agent_id: "b" }])
  })

  it("covers all runs while lists have different filters", async () => {
    add(1)
    add(2, { parent: { run_id: id(1) } })
    const live = openLive()
    const children = live.childRuns(id(1))
    children.retain()
    live.listRuns({}).retain()
    await settle()
    expect(watched()).toEqual([{}])
    add(3, { parent: { run_id: id(1) } })
    expect(children.store.getState().ids).toEqual([id(2), id(3)])
    expect(coverOf([{ parent_run_id: "a" }, { parent_run_id: "b" }])).toEqual({})
  })
})
