import fc from "fast-check"
import { describe, expect, it } from "vitest"
import type { RunFilter } from "./commands"
import { OUTCOME_STATUSES, RUN_STATUSES } from "./enums"
import { filterToParams, paramsToFilter } from "./runFilterParams"

const word = fc.string({ minLength: 1, maxLength: 12 }).filter((text) => text.trim() === text)
const agent = fc.stringMatching(/^[A-Za-z0-9._:/@-]{1,16}$/)
const time = fc
  .date({ min: new Date(0), max: new Date(4e12), noInvalidDate: true })
  .map((date) => date.toISOString())
const filter = fc.record(
  {
    q: word,
    status: fc.uniqueArray(fc.constantFrom(...RUN_STATUSES), { minLength: 1 }),
    outcome: fc.uniqueArray(fc.constantFrom(...OUTCOME_STATUSES), { minLength: 1 }),
    waiting: fc.constant(true as const),
    trouble: fc.constant(true as const),
    since: fc.constantFrom("90s", "15m", "1h", "7d", "2w"),
    failed: fc.constant(true as const),
    agent,
    parent_run_id: agent,
    started_after: time,
    started_before: time,
    labels: fc
      .array(fc.tuple(fc.string({ minLength: 1, maxLength: 8 }), fc.string({ maxLength: 8 })), {
        minLength: 1,
        maxLength: 4,
      })
      .map((pairs) => Object.fromEntries(pairs.filter(([key]) => key !== "__proto__")))
      .filter((labels) => Object.keys(labels).length > 0),
  },
  { requiredKeys: [] },
)

describe("a filter in the URL", () => {
  it("round-trips, with any words and labels", () => {
    fc.assert(
      fc.property(filter, (given) => {
        const read = paramsToFilter(new URLSearchParams(filterToParams(given as RunFilter).toString()))
        expect(read).toEqual(given)
      }),
    )
  })

  it("yields an empty query for an empty filter", () => {
    expect(filterToParams({}).toString()).toBe("")
    expect(filterToParams({ q: "", status: [] }).toString()).toBe("")
  })

  it("ignores unknown parts, and never throws", () => {
    expect(
      paramsToFilter(
        new URLSearchParams("status=completed,nonsense&outcome=x&after=soon&since=ages&label==a&label=b"),
      ),
    ).toEqual({
      status: ["completed"],
    })
    fc.assert(fc.property(fc.string(), (query) => void paramsToFilter(new URLSearchParams(query))))
  })
})
