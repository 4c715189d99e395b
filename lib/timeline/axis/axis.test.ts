import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { axisTicks, tickLabel } from "./axisTicks"
import { idleGaps } from "./idleGaps"
import { fromAxis, timeAxis, toAxis } from "./timeAxis"
import { clampViewport, fitViewport, MIN_VIEW_MS, panBy, positionToX, xToPosition, zoomAt } from "./Viewport"

const START = Date.UTC(2026, 0, 1)
const WEEK = 7 * 86_400_000
const ms = fc.integer({ min: 0, max: WEEK })
const spans = fc
  .array(fc.tuple(ms, fc.integer({ min: 0, max: 3_600_000 })), { maxLength: 40 })
  .map((list) =>
    list
      .map(([start, length]) => ({ start: START + start, end: START + start + length }))
      .sort((a, b) => a.start - b.start),
  )
const folded = spans.map((list) => {
  const end = START + WEEK + 3_600_000
  return timeAxis(START, end, idleGaps(list, START, end))
})
const whole = { from: 0, to: WEEK }
const view = fc
  .tuple(ms, fc.integer({ min: 1, max: WEEK }))
  .map(([from, length]) => clampViewport({ from, to: from + length }, whole))

describe("idleGaps", () => {
  it("finds periods over 5 % of the run in which no turn was running", () => {
    const hour = 3_600_000
    const turn = (from: number, to: number) => ({ start: START + from * hour, end: START + to * hour })
    const list = [turn(0, 10), turn(2, 4), turn(16, 20), turn(24, 25), turn(99, 100)]
    expect(idleGaps(list, START, START + 100 * hour)).toEqual([
      { from: START + 10 * hour, to: START + 16 * hour },
      { from: START + 25 * hour, to: START + 99 * hour },
    ])
  })

  it("ignores waits up to 5 s, however short the run", () => {
    const turn = (from: number, to: number) => ({ start: START + from, end: START + to })
    expect(idleGaps([turn(400, 900), turn(5_900, 6_000)], START, START + 6_000)).toEqual([])
    expect(idleGaps([turn(400, 900), turn(5_901, 6_000)], START, START + 6_000)).toHaveLength(1)
  })

  it("never overlaps a turn", () => {
    fc.assert(
      fc.property(spans, (list) => {
        for (const gap of idleGaps(list, START, START + WEEK)) {
          expect(gap.to - gap.from).toBeGreaterThan(WEEK * 0.05)
          expect(list.some((span) => span.start < gap.to && span.end > gap.from)).toBe(false)
        }
      }),
    )
  })
})

describe("timeAxis", () => {
  it("is monotonic, and fromAxis inverts toAxis", () => {
    fc.assert(
      fc.property(folded, ms, ms, (axis, a, b) => {
        const [early, late] = [START + Math.min(a, b), START + Math.max(a, b)]
        expect(toAxis(axis, early)).toBeLessThanOrEqual(toAxis(axis, late))
        expect(fromAxis(axis, toAxis(axis, early))).toBeCloseTo(early, 0)
      }),
    )
  })

  it("is shorter by the folded time, and equals clock time without folds", () => {
    fc.assert(
      fc.property(folded, (axis) => {
        const saved = axis.folds.reduce(
          (sum, fold) => sum + fold.realTo - fold.realFrom - (fold.to - fold.from),
          0,
        )
        expect(saved).toBeGreaterThanOrEqual(0)
        expect(toAxis(axis, START + WEEK * 2)).toBeCloseTo(WEEK * 2 - saved, 0)
      }),
    )
    expect(toAxis(timeAxis(START, START + WEEK, []), START + 5)).toBe(5)
  })
})

describe("axisTicks", () => {
  it("returns ticks with distinct labels inside the range, in order and far enough apart", () => {
    fc.assert(
      fc.property(folded, view, fc.integer({ min: 100, max: 2_560 }), (axis, window, widthPx) => {
        const ticks = axisTicks(axis, window, widthPx)
        for (const [at, tick] of ticks.entries()) {
          const x = positionToX(window, widthPx, tick.position)
          expect(x).toBeGreaterThan(-1)
          expect(x).toBeLessThan(widthPx + 1)
          const previous = ticks[at - 1]
          if (previous !== undefined)
            expect(x - positionToX(window, widthPx, previous.position)).toBeGreaterThan(60)
        }
        expect(new Set(ticks.map(({ afterMs }) => tickLabel(afterMs))).size).toBe(ticks.length)
      }),
    )
  })

  it("labels times without rounding them", () => {
    const labels = [0, 250, 4_000, 90_000, 90_250, 7_500_000, 3_725_050, 273_600_000].map(tickLabel)
    expect(labels).toEqual(["0", "250ms", "4s", "1m 30s", "1m 30.25s", "2h 5m", "1h 2m 5.05s", "3d 4h"])
  })
})

describe("the viewport", () => {
  it("stays inside the axis and is never empty, whatever the zoom or pan", () => {
    const odd = fc.oneof(fc.double(), fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, 0, -1, 1e300))
    fc.assert(
      fc.property(view, odd, odd, (given, a, b) => {
        for (const next of [zoomAt(given, a, b, whole), panBy(given, a, whole), fitViewport(whole)]) {
          expect(next.from).toBeGreaterThanOrEqual(0)
          expect(next.to).toBeLessThanOrEqual(WEEK)
          expect(next.to - next.from).toBeGreaterThanOrEqual(MIN_VIEW_MS - 1e-6)
        }
      }),
    )
  })

  it("zooms around the given position", () => {
    const given = { from: 200_000, to: 300_000 }
    const next = zoomAt(given, 2, 230_000, whole)
    expect(next).toEqual({ from: 215_000, to: 265_000 })
    expect(xToPosition(next, 500, positionToX(next, 500, 230_000))).toBeCloseTo(230_000)
  })
})
