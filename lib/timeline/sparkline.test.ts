import { describe, expect, it } from "vitest"
import { sparkline } from "./sparkline"

const START = Date.UTC(2026, 0, 1)
const iso = (ms: number) => new Date(START + ms).toISOString()

describe("sparkline", () => {
  it("always has the requested number of heights from 0 to 1, and moves left as time passes", () => {
    const recent = { until: iso(0), turns: [0, 4, 1] }
    expect(sparkline(recent, START, 4)).toEqual([0, 0, 1, 0.5])
    expect(sparkline(recent, START + 10_000, 4)).toEqual([0, 1, 0.5, 0])
    expect(sparkline(recent, START + 1e9, 4)).toEqual([0, 0, 0, 0])
    expect(sparkline(undefined, START, 3)).toEqual([0, 0, 0])
    expect(sparkline({ until: "never", turns: [1] }, START, 2)).toEqual([0, 0])
  })
})
