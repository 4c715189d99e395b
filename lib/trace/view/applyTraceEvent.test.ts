import fc from "fast-check"
import { describe, expect, it } from "vitest"
import type { TraceEvent, TraceRecord } from "@/lib/protocol/events"
import type { RunSummary } from "@/lib/protocol/run"
import type { RunTurn } from "@/lib/protocol/turn"
import { outlineTurn } from "@/lib/trace/outlineTurn"
import { liveBadge } from "@/lib/trace/state/liveBadge"
import { addTotals, noTotals, turnTotals } from "@/lib/trace/turnTotals"
import { applyOutlines } from "./applyOutlines"
import { applyTraceEvent } from "./applyTraceEvent"
import { outlineSlice } from "./OutlineList"
import { emptyView, gapOf, type RunView, shownProgress, wholeCursor } from "./RunView"

const ID = "run-1"
const timeAt = (index: number) => new Date(1_700_000_000_000 + index * 1_000).toISOString()
const turn = (index: number): RunTurn => ({
  index,
  recorded_at: timeAt(index),
  kind: "tool",
  tool: "bash",
  parameters: { command: `step ${index}` },
  usage: { input_tokens: index + 1, output_tokens: 2 },
  verifier_verdict: "not_run",
})
const turns = (from: number, to: number) => Array.from({ length: to - from }, (_, at) => turn(from + at))
const sum = (to: number) => turns(0, to).reduce((all, it) => addTotals(all, turnTotals(it)), noTotals())
const summary = (cursor: number, more: Partial<RunSummary> = {}): RunSummary => ({
  run_id: ID,
  agent_id: "a",
  client_id: "c",
  intent: "i",
  started_at: timeAt(0),
  status: "in_progress",
  cursor,
  connected: true,
  child_count: 0,
  labels: {},
  totals: sum(cursor),
  ...more,
})
const termination = { kind: "outcome", outcome: { status: "success" } } as const
const endedRun = (cursor: number) =>
  summary(cursor, { status: "completed", connected: false, termination, ended_at: timeAt(cursor) })
const event = (record: TraceRecord): TraceEvent => ({
  run_id: ID,
  agent_id: "a",
  record,
  cursor: 0,
  status: "in_progress",
})
const page = (from: number, to: number) => event({ record: "turns", from, turns: turns(from, to) })
const snapshot = (from: number, to: number, run: RunSummary, more = false) =>
  event({ record: "snapshot", run, from, turns: turns(from, to), more })
const ended = (cursor: number) => event({ record: "ended", run: endedRun(cursor), termination })
const fold = (events: readonly TraceEvent[], start = emptyView(ID)) =>
  events.reduce((view, next) => applyTraceEvent(view, next), start)
const indices = (view: RunView) => outlineSlice(view.outlines, 0, 1e9).map(({ index }) => index)
const upTo = (to: number, from = 0) => Array.from({ length: to - from }, (_, at) => from + at)

describe("applyTraceEvent", () => {
  it("shows a snapshot and what follows it", () => {
    const view = fold([snapshot(0, 3, summary(3)), page(3, 5)])
    expect(indices(view)).toEqual(upTo(5))
    expect([view.cursor, view.runCursor, wholeCursor(view)]).toEqual([5, 5, 5])
    expect(view.run?.totals).toEqual(sum(5))
    expect(view.run?.last_turn_at).toBe(timeAt(4))
  })

  it("ignores known turns, and returns the same view", () => {
    const view = fold([snapshot(0, 5, summary(5))])
    expect(applyTraceEvent(view, page(2, 5))).toBe(view)
    expect(applyTraceEvent(view, { ...page(5, 6), run_id: "another" })).toBe(view)
  })

  it("I13: holds turns after a gap and shows them once it is filled", () => {
    const withGap = fold([snapshot(0, 2, summary(2)), page(4, 6)])
    expect(indices(withGap)).toEqual(upTo(2))
    expect(gapOf(withGap)).toEqual({ from: 2, to: 4 })
    const repaired = applyTraceEvent(withGap, page(2, 4))
    expect(indices(repaired)).toEqual(upTo(6))
    expect(gapOf(repaired)).toBeUndefined()
    expect(repaired.run?.totals).toEqual(sum(6))
  })

  it("adds a turn to the totals once, even if a summary already includes it", () => {
    const view = fold([snapshot(0, 2, summary(6), true), page(2, 6), page(6, 8)])
    expect(view.run?.totals).toEqual(sum(8))
    const later = fold([event({ record: "run", run: summary(7) })], view)
    expect(later.run?.totals).toEqual(sum(8))
    expect(later.run?.cursor).toBe(8)
  })

  it("adopts the totals that the server sends with turns", () => {
    const totals = { ...noTotals(), input_tokens: 7 }
    const view = fold([snapshot(0, 2, summary(2)), { ...page(2, 4), totals }])
    expect(view.run?.totals).toEqual(totals)
    expect(fold([{ ...page(0, 4), totals: noTotals() }], view)).toBe(view)
  })

  it("starts over if the run is shorter than the view", () => {
    const view = fold([snapshot(0, 9, summary(9)), snapshot(0, 2, summary(2))])
    expect(indices(view)).toEqual([0, 1])
    expect([view.cursor, view.runCursor, view.generation]).toEqual([2, 2, 1])
  })

  it("shows an end only with the last turn, and once", () => {
    const early = fold([snapshot(0, 2, summary(2)), ended(4)])
    expect(early.ended).toBeUndefined()
    expect(early.run?.status).toBe("in_progress")
    const whole = fold([page(2, 4)], early)
    expect(whole.ended).toEqual(termination)
    expect(whole.run?.status).toBe("completed")
    expect(applyTraceEvent(whole, ended(4))).toBe(whole)
  })

  describe("an incomplete run that is reopened", () => {
    const cut = { kind: "incomplete", reason: "disconnected" } as const
    const cutRun = (cursor: number, reopenings = 0) =>
      summary(cursor, { status: "incomplete", termination: cut, ended_at: timeAt(cursor), reopenings })
    const cutOff = (cursor: number, reopenings = 0) =>
      event({ record: "ended", run: cutRun(cursor, reopenings), termination: cut })
    const again = (cursor: number, reopenings = 1) =>
      event({ record: "run", run: summary(cursor, { reopenings }) })
    const incomplete = fold([snapshot(0, 2, summary(2)), cutOff(2)])

    it("is in progress again, accepts turns and ends again", () => {
      expect(incomplete.ended).toEqual(cut)
      const open = fold([again(2)], incomplete)
      expect([open.ended, open.run?.status]).toEqual([undefined, "in_progress"])
      const grown = fold([page(2, 4)], open)
      expect(indices(grown)).toEqual(upTo(4))
      const done = event({ record: "ended", run: { ...endedRun(4), reopenings: 1 }, termination })
      expect(fold([done], grown)).toMatchObject({ ended: termination, run: { status: "completed" } })
    })

    it("is in progress again after a snapshot that says so", () => {
      const open = fold([snapshot(2, 3, summary(3, { reopenings: 1 }))], incomplete)
      expect([open.ended, open.run?.status, open.cursor]).toEqual([undefined, "in_progress", 3])
    })

    it("stays ended after a summary from before the end", () => {
      expect(fold([event({ record: "run", run: summary(2) })], incomplete)).toBe(incomplete)
    })

    it("drops an end that is still waiting for turns", () => {
      const waiting = fold([snapshot(0, 2, summary(2)), cutOff(4)])
      const open = fold([again(4), page(2, 4)], waiting)
      expect([open.ended, open.run?.status, open.cursor]).toEqual([undefined, "in_progress", 4])
    })

    it("shows the later of two ends, even without anything in between", () => {
      expect(fold([cutOff(2, 1)], incomplete).run?.reopenings).toBe(1)
      const final = event({ record: "ended", run: { ...endedRun(3), reopenings: 1 }, termination })
      const view = fold([final], incomplete)
      expect([view.ended, view.run?.status]).toEqual([undefined, "in_progress"])
      expect(fold([page(2, 3)], view).ended).toEqual(termination)
    })
  })

  it("shows progress only on the next turn, never on one that exists", () => {
    const progress = (index: number, tool = "bash") =>
      event({ record: "progress", index, progress: { tool } })
    const made = fold([snapshot(0, 2, summary(2)), progress(2)])
    expect(shownProgress(made)?.index).toBe(2)
    expect(made.run?.activity?.tool).toBe("bash")
    for (const clearing of [
      page(2, 3),
      page(4, 5),
      event({ record: "progress", index: 2, progress: null }),
      event({ record: "run", run: summary(2, { connected: false }) }),
      ended(2),
      snapshot(2, 2, summary(2)),
    ]) {
      const after = applyTraceEvent(made, clearing)
      expect(shownProgress(after)).toBeUndefined()
      expect(after.run?.activity).toBeUndefined()
    }
    expect(shownProgress(fold([page(2, 3), progress(2)], made))).toBeUndefined()
    expect(shownProgress(fold([progress(5)], made))).toBeUndefined()
  })

  it("adds older outlines before newer ones, without a gap", () => {
    const outline = (from: number, to: number) =>
      turns(from, to).map((it) => ({ ...outlineTurn(it), index: it.index, recorded_at: it.recorded_at }))
    const take = (view: RunView, from: number, to: number) =>
      applyOutlines(view, { from, outline: outline(from, to), cursor: 900 })
    const newest = take(emptyView(ID), 600, 900)
    expect([newest.base, newest.cursor, wholeCursor(newest)]).toEqual([600, 900, 0])
    const live = fold([snapshot(900, 910, summary(910))], newest)
    const whole = take(take(live, 300, 600), 0, 320)
    expect(indices(whole)).toEqual(upTo(910))
    expect(wholeCursor(whole)).toBe(910)
    expect(take(whole, 100, 200)).toBe(whole)
  })

  it("keeps one page ahead of the others, and merges it once those in between have arrived", () => {
    const outline = (from: number, to: number) =>
      turns(from, to).map((it) => ({ ...outlineTurn(it), index: it.index, recorded_at: it.recorded_at }))
    const take = (view: RunView, from: number, to: number) =>
      applyOutlines(view, { from, outline: outline(from, to), cursor: 900 })
    const early = take(take(emptyView(ID), 600, 900), 0, 100)
    expect([early.base, wholeCursor(early)]).toEqual([600, 0])
    expect(indices(early)).toEqual([...upTo(100), ...upTo(900).slice(600)])
    expect(take(early, 200, 300)).toBe(early)
    expect(liveBadge({ view: early, connected: true })).toMatchObject({
      kind: "catching-up",
      have: 400,
      of: 900,
    })
    const nearer = take(early, 300, 600)
    expect(nearer.base).toBe(300)
    for (const whole of [take(nearer, 100, 300), take(nearer, 40, 320), take(nearer, 0, 300)]) {
      expect(indices(whole)).toEqual(upTo(900))
      expect([whole.base, whole.earlier]).toEqual([0, undefined])
      expect(wholeCursor(whole)).toBe(900)
    }
  })

  it("I12 I13: is a prefix of the log at every moment, and finally equals it, whatever is lost, repeated or late", () => {
    const plan = fc.record({
      total: fc.integer({ min: 1, max: 120 }),
      cuts: fc.array(fc.tuple(fc.nat(120), fc.nat(40)), { maxLength: 40 }),
      resumes: fc.array(fc.nat(60), { maxLength: 5 }),
    })
    fc.assert(
      fc.property(plan, ({ total, cuts, resumes }) => {
        let view = fold([snapshot(0, Math.min(7, total), summary(total), true)])
        const feed: TraceEvent[] = cuts.map(([from, count]) =>
          page(Math.min(from, total), Math.min(from + count, total)),
        )
        for (const at of resumes) feed.splice(at, 0, snapshot(0, Math.min(at, total), summary(total), true))
        feed.splice(Math.floor(feed.length / 2), 0, ended(total))
        for (const next of feed) {
          const before = view.cursor
          view = applyTraceEvent(view, next)
          expect(view.cursor).toBeGreaterThanOrEqual(before)
          expect(indices(view)).toEqual(upTo(view.cursor))
          expect(view.ended !== undefined).toBe(view.cursor === total && view.run?.status === "completed")
        }
        view = fold([snapshot(view.cursor, total, summary(total)), ended(total)], view)
        expect(indices(view)).toEqual(upTo(total))
        expect(view.run?.totals).toEqual(sum(total))
        expect(view.held.size).toBe(0)
        expect(view.ended).toEqual(termination)
      }),
      { numRuns: 300 },
    )
  })
})
