import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { TURN_KINDS } from "@/lib/protocol/enums"
import type { TurnOutline } from "@/lib/protocol/turn"
import { timeAxis } from "@/lib/timeline/axis/timeAxis"
import { minimapColumns } from "@/lib/timeline/minimap/minimapColumns"
import { hasDistinctTimes } from "@/lib/timeline/minimap/minimapScale"

import { NO_OUTLINES, withOutlines } from "@/lib/trace/view/OutlineList"
import { sortedSpans, spanOfTurns, turnSpan } from "./turnSpan"

const START = Date.UTC(2026, 0, 1)
const oddTime = fc.oneof(
  fc.integer({ min: -7_200_000, max: 86_400_000 }).map((ms) => new Date(START + ms).toISOString()),
  fc.constantFrom("", "soon", "2026-02-30T99:00:00Z", undefined),
)
const oddDuration = fc.oneof(
  fc.double({ min: 0, max: 1e7 }),
  fc.constantFrom(undefined, 0, 1e300, Number.NaN, -5),
)
const outlines = fc
  .array(fc.tuple(oddTime, oddDuration, fc.nat(4), fc.boolean(), fc.nat(60_000)), { maxLength: 600 })
  .map((list) => {
    let recorded = START
    return list.map(([started_at, duration_ms, kind, error, step], index): TurnOutline => {
      recorded += step
      return {
        index,
        kind: TURN_KINDS[kind] ?? "tool",
        title: "t",
        recorded_at: new Date(recorded).toISOString(),
        ...(started_at !== undefined && { started_at }),
        ...(duration_ms !== undefined && { duration_ms }),
        ...(error && { error: true as const }),
      }
    })
  })
const listOf = (list: readonly TurnOutline[]) => withOutlines(NO_OUTLINES, list)

describe("turnSpan", () => {
  it("is finite, in order, and never ends after the turn was recorded, whatever times the agent reports", () => {
    fc.assert(
      fc.property(outlines, (list) => {
        for (const outline of list) {
          const span = turnSpan(outline)
          if (span === undefined) throw new Error("a turn with a recorded time has no span")
          expect(Number.isFinite(span.start)).toBe(true)
          expect(span.end).toBeGreaterThanOrEqual(span.start)
          expect(span.end).toBeLessThanOrEqual(Date.parse(outline.recorded_at))
        }
      }),
    )
  })

  it("moves a start after the recording time back by the turn's duration", () => {
    const outline: TurnOutline = {
      index: 0,
      kind: "tool",
      title: "t",
      started_at: new Date(START + 3_600_000).toISOString(),
      duration_ms: 4_000,
      recorded_at: new Date(START + 10_000).toISOString(),
    }
    expect(turnSpan(outline)).toEqual({ start: START + 6_000, end: START + 10_000 })
  })

  it("shows prompts and events without a duration as moments, however much later they were recorded", () => {
    const outline: TurnOutline = {
      index: 0,
      kind: "human",
      title: "t",
      started_at: new Date(START).toISOString(),
      recorded_at: new Date(START + 3 * 3_600_000).toISOString(),
    }
    expect(turnSpan(outline)).toEqual({ start: START, end: START })
    expect(turnSpan({ ...outline, kind: "system" })).toEqual({ start: START, end: START })
    expect(turnSpan({ ...outline, duration_ms: 5_000 })).toEqual({ start: START, end: START + 5_000 })
    expect(turnSpan({ ...outline, kind: "tool" })).toEqual({ start: START, end: START + 3 * 3_600_000 })
  })

  it("sorts and merges spans up to any cursor like a plain loop over the turns", () => {
    fc.assert(
      fc.property(outlines, fc.nat(700), (list, cursor) => {
        const slow = list.slice(0, cursor).flatMap((outline) => turnSpan(outline) ?? [])
        const fast = sortedSpans(listOf(list), cursor)
        expect(fast.map((span) => span.start)).toEqual(slow.map((span) => span.start).sort((a, b) => a - b))
        const all = spanOfTurns(listOf(list), cursor)
        expect(all?.start).toBe(slow.length === 0 ? undefined : Math.min(...slow.map((span) => span.start)))
        expect(all?.end).toBe(slow.length === 0 ? undefined : Math.max(...slow.map((span) => span.end)))
      }),
    )
  })
})

describe("minimapColumns", () => {
  it("marks in each column the turns that cross it", () => {
    fc.assert(
      fc.property(outlines, fc.integer({ min: 1, max: 300 }), (list, width) => {
        const all = spanOfTurns(listOf(list), list.length)
        const axis = timeAxis(all?.start ?? 0, all?.end ?? 0, [])
        const view = { from: 0, to: Math.max(1, (all?.end ?? 1) - (all?.start ?? 0)) }
        const scale = { kind: "time", axis, length: view.to } as const
        const minimap = minimapColumns({ outlines: listOf(list), cursor: list.length }, scale, width)
        for (let column = 0; column < width; column++) {
          const inColumn = list.filter((outline) => {
            const span = turnSpan(outline)
            if (span === undefined) return false
            const left = ((span.start - axis.startMs) / view.to) * width
            const right = Math.max(left + 0.25, ((span.end - axis.startMs) / view.to) * width)
            return left < column + 1 && right > column && Math.ceil(right) - 1 >= column
          })
          expect(minimap.busy[column]).toBeGreaterThanOrEqual(0)
          expect(minimap.busy[column]).toBeLessThanOrEqual(1)
          expect((minimap.busy[column] ?? 0) > 0).toBe(inColumn.length > 0)
          expect(minimap.error[column] === 1).toBe(inColumn.some((outline) => outline.error === true))
        }
      }),
      { numRuns: 40 },
    )
  })

  it("is empty for an invalid width", () => {
    const scale = { kind: "turns", length: 1 } as const
    expect(minimapColumns({ outlines: NO_OUTLINES, cursor: 0 }, scale, Number.NaN).width).toBe(0)
  })

  it("spaces turns evenly if their times aren't distinct", () => {
    const list = Array.from({ length: 600 }, (_, index): TurnOutline => {
      const error = index === 599 ? ({ error: true } as const) : {}
      return { index, kind: "tool", title: "t", recorded_at: "2026-01-01T00:00:00.000Z", ...error }
    })
    const scale = { kind: "turns", length: 600 } as const
    const { busy, error } = minimapColumns({ outlines: listOf(list), cursor: 600 }, scale, 300)
    expect(busy.every((share) => share > 0.99)).toBe(true)
    expect([...error].flatMap((mark, column) => (mark === 1 ? [column] : []))).toEqual([299])
  })
})

describe("hasDistinctTimes", () => {
  const at = (ms: number, more: Partial<TurnOutline> = {}) => ({
    ...{ kind: "tool" as const, title: "t", recorded_at: new Date(START + 86_400_000 * 2).toISOString() },
    ...{ started_at: new Date(START + ms).toISOString(), ...more },
  })
  const differ = (turns: readonly Omit<TurnOutline, "index">[]) =>
    hasDistinctTimes(listOf(turns.map((turn, index) => ({ ...turn, index }))), turns.length)
  const many = Array.from({ length: 100 }, (_, index) => index)

  it("is true for turns at different times, and for a single turn", () => {
    expect(differ(many.map((index) => at(index)))).toBe(true)
    expect(differ([at(0)])).toBe(true)
    expect(differ([at(0), at(5)])).toBe(true)
  })

  it("is false for turns that all have the same time, or one time per batch", () => {
    expect(differ([at(0), at(0)])).toBe(false)
    expect(differ(many.map(() => at(0)))).toBe(false)
    expect(differ(many.map((index) => at(Math.floor(index / 25))))).toBe(false)
  })

  it("is true for turns that started together and have durations", () => {
    expect(differ(many.map(() => at(0, { duration_ms: 10 })))).toBe(true)
  })
})
