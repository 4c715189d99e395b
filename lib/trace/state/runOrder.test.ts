import { expect, test } from "vitest"
import { RUN_SORTS } from "@/lib/protocol/enums"
import { aRun } from "@/lib/testing/builders"
import { runOrder } from "./runOrder"

const at = (minute: number) => new Date(Date.UTC(2026, 0, 1, 0, minute)).toISOString()
const NOW = Date.UTC(2026, 0, 1, 1)
const totals = (value: number) => ({
  ...aRun().totals,
  errors: value,
  cost_usd: value,
  input_tokens: value,
})
/** Builds a run whose values all grow with `value`. */
const run = (value: number) =>
  aRun({
    run_id: String(value),
    started_at: at(value),
    ended_at: at(value * 2),
    last_seen_at: at(value * 2),
    waiting_since: at(value),
    cursor: value,
    totals: totals(value),
  })

test.each(RUN_SORTS)("sorts by %s in both orders", (sort) => {
  const ids = (order: "asc" | "desc") =>
    [run(2), run(3), run(1)].sort(runOrder(sort, order, NOW)).map(({ run_id }) => run_id)
  expect(ids("asc")).toEqual(["1", "2", "3"])
  expect(ids("desc")).toEqual(["3", "2", "1"])
})

test("runs without a value come last in both directions", () => {
  const waiting = aRun({ run_id: "waiting", waiting_since: at(1) })
  const other = aRun({ run_id: "other" })
  for (const order of ["asc", "desc"] as const)
    expect([other, waiting].sort(runOrder("waiting_since", order, NOW))[0]).toBe(waiting)
})

test("equal values are ordered by start in the same direction, and runs without a value newest first", () => {
  const ids = (sort: "errors" | "waiting_since", order: "asc" | "desc") =>
    [1, 3, 2]
      .map((minute) => aRun({ run_id: String(minute), started_at: at(minute) }))
      .sort(runOrder(sort, order, NOW))
      .map(({ run_id }) => run_id)
  expect(ids("errors", "desc")).toEqual(["3", "2", "1"])
  expect(ids("errors", "asc")).toEqual(["1", "2", "3"])
  expect(ids("waiting_since", "asc")).toEqual(["3", "2", "1"])
})

test("the duration of a run in progress is measured to now", () => {
  const live = aRun({ run_id: "live", started_at: at(0) })
  const ended = aRun({ run_id: "ended", started_at: at(0), ended_at: at(30), status: "completed" })
  expect([ended, live].sort(runOrder("duration", "desc", NOW))[0]).toBe(live)
})

test("estimated costs are included", () => {
  const estimated = aRun({ run_id: "estimated", totals: { ...totals(1), estimated_cost_usd: 5 } })
  expect([run(3), estimated].sort(runOrder("cost", "desc", NOW))[0]).toBe(estimated)
})
