import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import { createLive } from "@/lib/live/createLive"
import type { RunFilter } from "@/lib/protocol/commands"
import { FakeViewerServer } from "@/lib/testing/FakeViewerServer"
import { coverOf } from "./createRuns"

let server: FakeViewerServer
const settle = (ms = 40) => vi.advanceTimersByTimeAsync(ms)
const at = (second: number) => new Date(Date.UTC(2026, 0, 1) + second * 1_000).toISOString()
const add = (second: number, more = {}) =>
  server.add(`run-${String(second).padStart(4, "0")}`, 0, { started_at: at(second), ...more })
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
function open(filter: RunFilter = {}, live = openLive()) {
  const list = live.listRuns(filter)
  list.retain()
  return {
    live,
    list,
    state: () => list.store.getState(),
    row: (run: string) => live.runs.getState().byId.get(run),
  }
}

describe("the list of runs", () => {
  it("shows pages newest first and the next one on request", async () => {
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

  it("updates a row in place without touching the list", async () => {
    add(1)
    const { state, row } = open()
    await settle()
    const before = state()
    server.record(id(1), 3)
    await settle()
    expect(row(id(1))?.cursor).toBe(3)
    expect(state()).toBe(before)
  })

  it("announces new runs while held, and puts them in when asked or let go", async () => {
    add(1)
    const { list, state } = open()
    list.setHold(true)
    await settle()
    add(2)
    add(3)
    await settle()
    expect(state()).toMatchObject({ ids: [id(1)], pendingNew: 2 })
    list.showNew()
    expect(state()).toMatchObject({ ids: [id(3), id(2), id(1)], pendingNew: 0 })
    add(4)
    expect(state().ids).toHaveLength(3)
    list.setHold(false)
    expect(state().ids[0]).toBe(id(4))
    add(5)
    expect(state().ids[0]).toBe(id(5))
  })

  it("takes a run out that the filter admits no longer, but not under the mouse", async () => {
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

  it("leaves out new runs that its filter does not admit", async () => {
    add(1, { agent_id: "mine" })
    const { state } = open({ agent_id: "mine" })
    await settle()
    add(2, { agent_id: "other" })
    await settle()
    expect(state()).toMatchObject({ ids: [id(1)], pendingNew: 0 })
  })

  it("comes back from a lost connection without a flash: what was missed is held like any news", async () => {
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
    expect(state()).toMatchObject({ ids: [id(2), id(1)], pendingNew: 1 })
    expect(row(id(1))?.cursor).toBe(7)
    expect(row(id(2))?.status).toBe("completed")
  })

  it("drops a deleted run at once", async () => {
    add(1)
    add(2)
    const { list, state } = open()
    list.setHold(true)
    await settle()
    server.remove(id(1))
    expect(state().ids).toEqual([id(2)])
  })

  it("never lets an older answer undo a newer event", async () => {
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

  it("serves list, wall, lanes and children by one watch, and narrows it to what is looked at", async () => {
    add(1)
    add(2, { parent: { run_id: id(1) } })
    const live = openLive()
    const children = live.childRuns(id(1))
    const release = children.retain()
    await settle()
    expect(children.store.getState().ids).toEqual([id(2)])
    expect(server.payloadsOf("runs.watch")).toMatchObject([{ parent_run_id: id(1) }])
    live.board.retain()
    open({ status: ["completed"] }, live)
    live.recentRuns(3_600_000).retain()
    await settle()
    expect(server.payloadsOf("runs.watch")).toHaveLength(2)
    expect(server.payloadsOf("runs.watch")[1]).not.toHaveProperty("parent_run_id")
    add(3, { parent: { run_id: id(1) } })
    expect(children.store.getState().ids).toEqual([id(2), id(3)])
    release()
    expect(coverOf([{ parent_run_id: "a" }, { parent_run_id: "b" }])).toEqual({})
  })
})

describe("the wall", () => {
  it("puts waiting runs first, moves nothing under the mouse, and lets ended ones go", async () => {
    add(1)
    add(2)
    add(3)
    const { board } = openLive()
    board.retain()
    await settle()
    const ids = () => board.store.getState().ids
    expect(ids()).toEqual([id(3), id(2), id(1)])
    server.change(id(1), { activity: { since: at(1), waiting_for: "a person" } })
    expect(ids()).toEqual([id(1), id(3), id(2)])
    board.setHold(true)
    server.end(id(3))
    add(4)
    server.change(id(2), { activity: { since: at(1), waiting_for: "a person" } })
    expect(ids()).toEqual([id(1), id(3), id(2), id(4)])
    board.setHold(false)
    expect(ids()).toEqual([id(2), id(1), id(4)])
  })

  it("is right after a reconnect in which runs ended and began", async () => {
    for (let second = 0; second < 450; second++) add(second)
    const { board } = openLive()
    board.retain()
    await settle()
    expect(board.store.getState().ids).toHaveLength(450)
    server.cut()
    server.end(id(7))
    add(500)
    server.reconnect()
    await settle()
    const { ids } = board.store.getState()
    expect(ids).toHaveLength(450)
    expect(ids).not.toContain(id(7))
    expect(ids[0]).toBe(id(500))
  })
})
