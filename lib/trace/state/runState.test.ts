import fc from "fast-check"
import { describe, expect, it } from "vitest"
import type { RunSummary } from "@/lib/protocol/run"
import { aRun } from "@/lib/testing/builders"
import { emptyView } from "@/lib/trace/view/RunView"
import { describeState } from "./describeState"
import { byNewest, laterSummary } from "./laterSummary"
import { badgeText, liveBadge } from "./liveBadge"
import { outcomeClass, outcomeOf, QUIET_MS, runState } from "./runState"

const NOW = Date.UTC(2026, 0, 1, 12)
const ago = (ms: number) => new Date(NOW - ms).toISOString()
const stateOf = (more: Partial<RunSummary>) => runState(aRun({ started_at: ago(600_000), ...more }), NOW)
const seconds = (ms: number) => `${ms / 1_000}s`
const words = (more: Partial<RunSummary>) => describeState(stateOf(more), seconds)

describe("runState", () => {
  it("working: connected, with a recent turn, command or progress", () => {
    expect(stateOf({ last_turn_at: ago(QUIET_MS - 1) })).toEqual({ state: "working" })
    expect(stateOf({ last_seen_at: ago(10) })).toEqual({ state: "working" })
    expect(stateOf({ activity: { since: ago(5_000) } })).toEqual({ state: "working" })
  })

  it("working: a tool is known to be running, even after an hour of silence", () => {
    expect(stateOf({ activity: { since: ago(3_600_000), tool: "npm test" } })).toEqual({
      state: "working",
      tool: "npm test",
    })
  })

  it("quiet: connected, and nothing has arrived for a minute", () => {
    expect(stateOf({ last_turn_at: ago(98_000) })).toEqual({
      state: "quiet",
      lastSeenMs: NOW - 98_000,
      silentMs: 98_000,
    })
    expect(words({ last_turn_at: ago(98_000) }).detail).toBe("silent for 98s")
  })

  it("waiting: quotes what the agent waits for, however long it takes", () => {
    const activity = { since: ago(900_000), tool: "git", waiting_for: "approval of: git push" }
    expect(words({ activity })).toEqual({ word: "waiting", detail: "approval of: git push" })
    expect(stateOf({ activity, waiting_since: ago(60_000) })).toMatchObject({ sinceMs: NOW - 60_000 })
  })

  it("waiting: is labeled idle if it waits for the next prompt", () => {
    const activity = { since: ago(0), waiting_for: "the next prompt", waiting_kind: "prompt" as const }
    expect(words({ activity }).word).toBe("idle")
  })

  it("gone: not connected, with the remaining grace period", () => {
    const grace_ends_at = new Date(NOW + 24_000).toISOString()
    expect(words({ connected: false, grace_ends_at })).toEqual({
      word: "disconnected",
      detail: "incomplete in 24s",
    })
    expect(stateOf({ connected: false, grace_ends_at: ago(5) })).toMatchObject({ backWithinMs: 0 })
    expect(words({ connected: false }).detail).toBe("incomplete soon")
  })

  it("ended: by its outcome, or incomplete", () => {
    const termination = { kind: "outcome", outcome: { status: "give_up" } } as const
    const ended = aRun({ status: "completed", termination })
    expect(runState(ended, NOW)).toEqual({ state: "completed", outcome: "give_up" })
    expect([outcomeOf(ended), outcomeClass(ended)]).toEqual(["give_up", "bad"])
    const cut = aRun({ status: "incomplete" })
    expect([runState(cut, NOW).state, outcomeOf(cut), outcomeClass(cut)]).toEqual([
      "incomplete",
      undefined,
      "cut",
    ])
    expect(outcomeClass(aRun())).toBeUndefined()
  })

  it("never results in NaN, whatever the times are", () => {
    const time = fc.constantFrom("", "soon", ago(0), ago(-1e9), ago(1e12))
    const odd = fc.record({
      last_turn_at: time,
      last_seen_at: time,
      grace_ends_at: time,
      started_at: time,
      connected: fc.boolean(),
    })
    fc.assert(
      fc.property(odd, (more) => {
        expect(JSON.stringify(stateOf(more))).not.toContain("null")
        expect(JSON.stringify(words(more))).not.toContain("NaN")
      }),
    )
  })
})

describe("the live badge", () => {
  const view = { ...emptyView("run-1"), run: aRun(), cursor: 10, runCursor: 10 }

  it("follows from the cursors, and problems take precedence over the viewer's own choices", () => {
    const held = new Map([[12, {} as never]])
    const said = [
      liveBadge({ view, connected: true }),
      liveBadge({ view: { ...view, runCursor: 4_000, cursor: 1_200 }, connected: true, paused: true }),
      liveBadge({ view: { ...view, base: 3_000, cursor: 4_000, runCursor: 4_000 }, connected: true }),
      liveBadge({ view: { ...view, held, runCursor: 13 }, connected: true }),
      liveBadge({ view, connected: false, at: 3 }),
      liveBadge({ view, connected: true, paused: true }),
      liveBadge({ view, connected: true, paused: true, at: 3 }),
      liveBadge({ view: { ...view, run: aRun({ status: "incomplete" }) }, connected: true }),
    ]
    expect(said.map(badgeText)).toEqual([
      "live",
      "catching up 1,200 of 4,000",
      "catching up 1,000 of 4,000",
      "repairing 10–11",
      "reconnecting",
      "paused",
      "replay at 3",
      "complete",
    ])
  })

  it("isn't live before anything is known", () => {
    expect(liveBadge({ view: emptyView("run-1"), connected: true }).kind).toBe("catching-up")
  })
})

describe("the later of two summaries", () => {
  it("is the one that was reopened more often, even if the other has ended", () => {
    const ended = aRun({ status: "incomplete", cursor: 9 })
    const reopened = aRun({ reopenings: 1, cursor: 9 })
    expect(laterSummary(ended, reopened)).toBe(reopened)
    expect(laterSummary(reopened, ended)).toBe(reopened)
  })

  it("is the ended one, then the one with more turns, then the one with the later `last_seen_at`", () => {
    const old = aRun({ cursor: 3, last_seen_at: ago(9) })
    expect(laterSummary(undefined, old)).toBe(old)
    for (const later of [
      aRun({ cursor: 4 }),
      aRun({ cursor: 3, last_seen_at: ago(1) }),
      aRun({ status: "incomplete" }),
    ]) {
      expect(laterSummary(old, later)).toBe(later)
      expect(laterSummary(later, old)).toBe(later)
    }
  })
})

it("lists are ordered newest first, and the order is total", () => {
  const runs = ["a", "b", "c"].map((run_id) => aRun({ run_id, started_at: run_id === "c" ? ago(9) : ago(5) }))
  expect([...runs].sort(byNewest).map((run) => run.run_id)).toEqual(["b", "a", "c"])
  expect(
    [...runs]
      .reverse()
      .sort(byNewest)
      .map((run) => run.run_id),
  ).toEqual(["b", "a", "c"])
})
