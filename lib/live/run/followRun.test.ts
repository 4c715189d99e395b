import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import { createLive } from "@/lib/live/createLive"
import { FakeViewerServer } from "@/lib/testing/FakeViewerServer"
import { seededRandom } from "@/lib/testing/seededRandom"
import { liveBadge } from "@/lib/trace/state/liveBadge"
import { outlineSlice } from "@/lib/trace/view/OutlineList"
import { shownProgress, wholeCursor } from "@/lib/trace/view/RunView"

let server: FakeViewerServer
const settle = (ms = 40) => vi.advanceTimersByTimeAsync(ms)

beforeEach(() => {
  vi.useFakeTimers()
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
function follow(runId = "run-1", live = openLive()) {
  const followed = live.followRun(runId)
  const release = followed.retain()
  const state = () => followed.store.getState()
  const badge = () => liveBadge({ view: state().view, connected: state().subscribed })
  const indices = () => outlineSlice(state().view.outlines, 0, 1e9).map(({ index }) => index)
  return { live, followed, release, state, badge, indices }
}
const upTo = (to: number) => Array.from({ length: to }, (_, at) => at)

describe("followRun", () => {
  it("subscribes to a short run from its first turn, which also delivers the bodies", async () => {
    server.add("run-1", 60)
    const { state, indices, badge, followed } = follow()
    expect(badge().kind).toBe("reconnecting")
    await settle()
    expect(indices()).toEqual(upTo(60))
    expect(badge()).toEqual({ kind: "live", behind: 0, ended: false })
    expect(followed.body(59)).toMatchObject({ state: "turn", turn: { index: 59 } })
    server.record("run-1", 2)
    await settle()
    expect(wholeCursor(state().view)).toBe(62)
    expect(server.payloadsOf("runs.get_trace")).toEqual([])
  })

  it("reads the outlines of a long run and subscribes at its cursor, so that bodies are fetched on demand", async () => {
    server.add("run-1", 9_500)
    const { state, badge, followed } = follow()
    await settle()
    expect(server.payloadsOf("runs.subscribe")).toEqual([{ run_id: "run-1", cursor: 9_500 }])
    expect(wholeCursor(state().view)).toBe(9_500)
    expect(badge().kind).toBe("live")
    expect(server.turnsSentSince(0)).toBe(0)
    expect(followed.body(4_000)).toEqual({ state: "loading" })
    const onBody = vi.fn()
    followed.onBody(4_000, onBody)
    followed.requestBody(4_000)
    await settle()
    expect(onBody).toHaveBeenCalled()
    expect(followed.body(4_000)).toMatchObject({ state: "turn", turn: { index: 4_000 } })
    expect(followed.body(4_001)).toMatchObject({ state: "turn" })
    expect(followed.body(3_999)).toMatchObject({ state: "turn" })
  })

  it("reads the first page of a long ended run before the middle pages, and resumes after a disconnect", async () => {
    server.add("run-1", 9_500)
    server.end("run-1")
    let refuses = true
    server.intercept = (name, { from }) =>
      refuses && name === "runs.get_outline" && from !== undefined && from !== 0
        ? { ok: false, error: { code: "unavailable", message: "" } }
        : undefined
    const { state, indices, badge } = follow()
    await settle()
    expect(indices()).toEqual([...upTo(1_000), ...upTo(9_500).slice(8_500)])
    expect(badge()).toEqual({ kind: "catching-up", have: 2_000, of: 9_500 })
    const before = server.payloadsOf("runs.get_outline").length
    refuses = false
    server.cut()
    server.reconnect()
    await settle(2_000)
    expect(indices()).toEqual(upTo(9_500))
    expect(badge()).toEqual({ kind: "live", behind: 0, ended: true })
    expect(state().view.earlier).toBeUndefined()
    const after = server.payloadsOf("runs.get_outline").slice(before)
    expect(after.map(({ from }) => from)).toEqual([6_500, 4_500, 2_500, 1_000])
  })

  it("reports catching up while older outlines are loading", async () => {
    server.add("run-1", 5_000)
    const { badge, state } = follow()
    const before: string[] = []
    expect(state().phase).toBe("loading")
    server.intercept = (name, payload) => {
      before.push(badge().kind)
      return name === "runs.get_outline" && payload.from !== undefined
        ? { ok: false, error: { code: "unavailable", message: "" } }
        : undefined
    }
    await settle()
    expect(badge()).toEqual({ kind: "catching-up", have: 1_000, of: 5_000 })
    expect(wholeCursor(state().view)).toBe(0)
    server.intercept = () => undefined
    await settle(2_100)
    expect(badge().kind).toBe("live")
    expect(wholeCursor(state().view)).toBe(5_000)
    expect(before).not.toContain("live")
  })

  it("I17: transfers only what is missing after a reconnect, and keeps the view in the meantime", async () => {
    server.add("run-1", 120)
    const { badge, indices } = follow()
    await settle()
    server.cut()
    await settle()
    expect(badge().kind).toBe("reconnecting")
    expect(indices()).toEqual(upTo(120))
    server.record("run-1", 3)
    const mark = server.sent.length
    server.reconnect()
    await settle()
    expect(server.turnsSentSince(mark)).toBe(3)
    expect(indices()).toEqual(upTo(123))
    expect(badge().kind).toBe("live")
  })

  it("subscribes again from its cursor when a gap lasts two seconds", async () => {
    server.add("run-1", 5)
    const { badge, indices } = follow()
    await settle()
    server.passes = () => false
    server.record("run-1", 2)
    server.passes = () => true
    server.record("run-1", 1)
    await settle()
    expect(badge()).toEqual({ kind: "repairing", from: 5, to: 6 })
    expect(indices()).toEqual(upTo(5))
    await settle(1_900)
    expect(server.payloadsOf("runs.subscribe")).toHaveLength(1)
    await settle(200)
    expect(server.payloadsOf("runs.subscribe").at(-1)).toEqual({ run_id: "run-1", cursor: 5 })
    expect(indices()).toEqual(upTo(8))
    expect(badge().kind).toBe("live")
  })

  it("starts over when the server's run is shorter than the view, and drops the old bodies", async () => {
    server.add("run-1", 30)
    const { indices, state, followed } = follow()
    await settle()
    server.cut()
    server.add("run-1", 4)
    server.reconnect()
    await settle()
    expect(indices()).toEqual(upTo(4))
    expect(state().view.generation).toBe(1)
    expect(followed.body(20)).toEqual({ state: "loading" })
    expect(followed.body(3)).toMatchObject({ state: "turn" })
  })

  it("shows the pending turn until the run ends", async () => {
    server.add("run-1", 2)
    const { state } = follow()
    await settle()
    server.progress("run-1", { tool: "bash", waiting_for: "approval" })
    await settle()
    expect(shownProgress(state().view)?.progress.tool).toBe("bash")
    expect(state().view.run?.activity?.waiting_for).toBe("approval")
    server.end("run-1")
    await settle()
    expect(shownProgress(state().view)).toBeUndefined()
    expect(state().view.ended?.kind).toBe("outcome")
  })

  it("reports why a run can't be followed, and that a followed run was deleted", async () => {
    const none = follow("no-such-run")
    await settle()
    expect(none.state()).toMatchObject({ phase: "error", error: { code: "not_found" } })
    server.add("run-1", 2)
    const { state } = follow("run-1", none.live)
    await settle()
    server.remove("run-1")
    await settle()
    expect(state()).toMatchObject({ phase: "error", subscribed: false, error: { code: "not_found" } })
    expect(state().view.cursor).toBe(2)
  })

  it("retries when the store is unavailable", async () => {
    server.add("run-1", 2)
    server.intercept = (name) =>
      name === "runs.subscribe" ? { ok: false, error: { code: "unavailable", message: "" } } : undefined
    const { state } = follow()
    await settle()
    expect(state().phase).toBe("loading")
    server.intercept = () => undefined
    await settle(2_100)
    expect(state().phase).toBe("following")
  })

  it("stops some seconds after the last release, and resumes with what it has", async () => {
    server.add("run-1", 10)
    const { live, release, followed } = follow()
    const second = live.followRun("run-1")
    expect(second).toBe(followed)
    const releaseSecond = second.retain()
    await settle()
    release()
    release()
    await settle(20_000)
    expect(server.payloadsOf("runs.unsubscribe")).toEqual([])
    releaseSecond()
    await settle(20_000)
    expect(server.payloadsOf("runs.unsubscribe")).toEqual([{ run_id: "run-1" }])
    server.record("run-1", 5)
    followed.retain()
    await settle()
    expect(server.payloadsOf("runs.subscribe").at(-1)).toEqual({ run_id: "run-1", cursor: 10 })
    expect(followed.store.getState().view.cursor).toBe(15)
  })

  it("loads a cut turn in full on request, and live events don't cut it again", async () => {
    server.add("run-1", 3)
    const { followed } = follow()
    await settle()
    const known = server.runs.get("run-1")
    const cut = known?.turns[1]
    if (known === undefined || cut === undefined) throw new Error("no turn")
    known.turns[1] = { ...cut, message: "all of it" }
    const answer = await followed.loadWhole(1)
    expect(answer.ok).toBe(true)
    expect(followed.body(1)).toMatchObject({ whole: true, turn: { message: "all of it" } })
  })

  it("I12 I13: always shows a prefix, and finally everything, despite losses, disconnects and restarts", async () => {
    for (let seed = 1; seed <= 25; seed++) {
      const random = seededRandom(seed)
      server = new FakeViewerServer()
      server.pageTurns = 1 + random.below(40)
      server.add("run-1", random.below(260))
      const { indices, state, badge, live } = follow()
      for (let step = 0; step < 60; step++) {
        const choice = random.below(10)
        if (choice < 5) server.record("run-1", 1 + random.below(4))
        else if (choice === 5) server.passes = () => random.chance(0.5)
        else if (choice === 6) server.cut()
        else if (choice === 7) server.reconnect()
        else if (choice === 8) server.progress("run-1", { tool: "bash" })
        else await settle(random.below(4_000))
        const { base, cursor } = state().view
        expect(indices()).toEqual(upTo(cursor).slice(base))
        expect(cursor).toBeLessThanOrEqual(server.runs.get("run-1")?.turns.length ?? 0)
      }
      server.passes = () => true
      server.reconnect()
      server.record("run-1", 1)
      await settle(90_000)
      expect(indices(), `seed ${seed}`).toEqual(upTo(server.runs.get("run-1")?.turns.length ?? 0))
      expect(badge().kind, `seed ${seed}`).toBe("live")
      live.close()
    }
  })
})
