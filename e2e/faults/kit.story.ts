import { expect, test } from "@playwright/test"
import { checkStore } from "@/e2e/kit/model/checkStore"
import type { JournalEntry } from "@/e2e/kit/model/journal"
import { ModelView } from "@/e2e/kit/model/ModelView"
import { markedBatch } from "@/e2e/kit/model/modelTurn"
import { asStoredTurn, type StoredRun } from "@/e2e/kit/model/StoredRun"
import { seededRandom } from "@/e2e/kit/seededRandom"
import type { TraceEvent, TraceRecord } from "@/lib/protocol/events"
import type { RunSummary } from "@/lib/protocol/run"
import type { RunTurn } from "@/lib/protocol/turn"

const RUN = "run-1"
const random = seededRandom(1)
const batches = [2, 3, 1].map((count, number) =>
  markedBatch(random, { agent: "a", number, count, bytes: [5, 50] }),
)
const turns = batches.flat().map((turn, index) => ({ ...turn, index }) as unknown as RunTurn)

const stored = (list: readonly unknown[]): Map<string, StoredRun> =>
  new Map([
    [
      RUN,
      {
        run_id: RUN,
        status: "in_progress",
        turns: list.map((turn, index) => asStoredTurn(turn, index, true)),
      },
    ],
  ])

const journal: JournalEntry[] = batches.map((batch, number) => ({
  what: "acked",
  agent: "a",
  run_id: RUN,
  batch: number,
  base_index: batches.slice(0, number).flat().length,
  count: batch.length,
  duplicate: false,
  at: 0,
}))

function event(record: TraceRecord, cursor: number): TraceEvent {
  return { run_id: RUN, agent_id: "a", record, cursor, status: "in_progress" }
}

const run = (cursor: number) => ({ run_id: RUN, cursor }) as unknown as RunSummary
const snapshot = (from: number, to: number, asOf = to) =>
  event({ record: "snapshot", run: run(asOf), from, turns: turns.slice(from, to), more: false }, to)
const live = (from: number, to: number) => event({ record: "turns", from, turns: turns.slice(from, to) }, to)
const ended = (cursor: number) =>
  event(
    { record: "ended", run: run(cursor), termination: { kind: "incomplete", reason: "disconnected" } },
    cursor,
  )

function viewOf(...events: TraceEvent[]): ModelView {
  const view = new ModelView(RUN)
  view.subscribe()
  for (const each of events) view.receive(each)
  return view
}

test("the checker finds nothing in a store that keeps every guarantee", () => {
  const view = viewOf(snapshot(0, 2), live(2, 6))
  const report = checkStore({ journal, stored: stored(turns), views: [view] })
  expect(report.examples).toEqual([])
  expect(report).toMatchObject({ storedTurns: 6, ackedTurns: 6, unackedTurns: 0 })
})

const BROKEN: [string, RunTurn[], string][] = [
  ["a lost last batch", turns.slice(0, 5), "ackedLost"],
  ["half a batch", turns.slice(0, 4), "brokenBatches"],
  ["a batch twice", [...turns, ...turns.slice(5)], "duplicated"],
  ["batches out of order", [...turns.slice(0, 2), ...turns.slice(5), ...turns.slice(2, 5)], "orderBreaks"],
  [
    "a changed message",
    turns.map((turn, at) => (at === 3 ? { ...turn, message: "other" } : turn)),
    "changedContent",
  ],
]
for (const [what, list, fault] of BROKEN)
  test(`the checker finds ${what}`, () => {
    const report = checkStore({ journal, stored: stored(list) })
    expect(report.faults[fault as keyof typeof report.faults]).toBeGreaterThan(0)
  })

test("the checker finds a view with a missing or a different turn", () => {
  const short = viewOf(snapshot(0, 4))
  expect(checkStore({ journal, stored: stored(turns), views: [short] }).faults.viewMismatches).toBe(1)
  const whole = viewOf(snapshot(0, 6))
  const other = turns.map((turn, at) => (at === 1 ? { ...turn, output: "other" } : turn))
  expect(checkStore({ journal, stored: stored(other), views: [whole] }).faults.viewMismatches).toBe(1)
})

test("a view reports gaps, repeats, early ends, and events after an end", () => {
  expect(viewOf(snapshot(0, 2), live(2, 6), ended(6)).violations).toEqual([])
  expect(viewOf(snapshot(0, 2), live(3, 6)).violations).not.toEqual([])
  expect(viewOf(snapshot(0, 2), live(1, 6)).violations).not.toEqual([])
  expect(viewOf(live(0, 2)).violations).not.toEqual([])
  expect(viewOf(snapshot(1, 2)).violations).not.toEqual([])
  expect(viewOf(snapshot(0, 2), ended(6)).violations).not.toEqual([])
  expect(viewOf(snapshot(0, 6), ended(6), ended(6)).violations).not.toEqual([])
  expect(viewOf(snapshot(0, 6), snapshot(6, 6, 3)).violations).not.toEqual([])
})

test("a view that resumes accepts only what it is missing", () => {
  const view = viewOf(snapshot(0, 2), live(2, 4))
  view.lost()
  expect(view.subscribe()).toBe(4)
  view.receive(snapshot(4, 6))
  expect(view.violations).toEqual([])
  expect(view.cursor).toBe(6)
  expect(view.received).toBe(6)
})
