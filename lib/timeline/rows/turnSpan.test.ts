import fc from "fast-check"
import { describe, expect, it } from "vitest"
import type { TurnOutline } from "@/lib/protocol/turn"
import { TURN_KINDS } from "@/lib/protocol/words"
import { timeAxis } from "@/lib/timeline/axis/timeAxis"
import { minimapColumns } from "@/lib/timeline/minimap/minimapColumns"
import { cursorAt } from "@/lib/timeline/replay/Replay"
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

describe("the spans of turns", () => {
  it("are finite, never end before they start, nor after they were recorded, whatever an agent's times are", () => {
    fc.assert(
      fc.property(outlines, (list) => {
        for (const outline of list) {
          const span = turnSpan(outline)
          if (span === undefined) throw new Error("every turn was recorded at some time")
          expect(Number.isFinite(span.start)).toBe(true)
          expect(span.end).toBeGreaterThanOrEqual(span.start)
          expect(span.end).toBeLessThanOrEqual(Date.parse(outline.recorded_at))
        }
      }),
    )
  })

  it("together and in order are what a turn by turn look says, as of any cursor", () => {
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

describe("the strip", () => {
  it("has in each column what the turns in it say", () => {
    fc.assert(
      fc.property(outlines, fc.integer({ min: 1, max: 300 }), (list, width) => {
        const all = spanOfTurns(listOf(list), list.length)
        const axis = timeAxis(all?.start ?? 0, all?.end ?? 0, [])
        const view = { from: 0, to: Math.max(1, (all?.end ?? 1) - (all?.start ?? 0)) }
        const strip = minimapColumns({ outlines: listOf(list), cursor: list.length }, axis, view, width)
        for (let column = 0; column < width; column++) {
          const inColumn = list.filter((outline) => {
            const span = turnSpan(outline)
            if (span === undefined) return false
            const left = ((span.start - axis.startMs) / view.to) * width
            const right = Math.max(left + 0.25, ((span.end - axis.startMs) / view.to) * width)
            return left < column + 1 && right > column && Math.ceil(right) - 1 >= column
          })
          expect(strip.busy[column]).toBeGreaterThanOrEqual(0)
          expect(strip.busy[column]).toBeLessThanOrEqual(1)
          expect((strip.busy[column] ?? 0) > 0).toBe(inColumn.length > 0)
          expect(strip.error[column] === 1).toBe(inColumn.some((outline) => outline.error === true))
        }
      }),
      { numRuns: 40 },
    )
  })

  it("is empty without a width", () => {
    expect(
      minimapColumns({ outlines: NO_OUTLINES, cursor: 0 }, timeAxis(0, 0, []), { from: 0, to: 1 }, Number.NaN)
        .width,
    ).toBe(0)
  })
})

describe("the cursor as of a time", () => {
  it("is how many turns had been recorded by then", () => {
    fc.assert(
      fc.property(outlines, fc.integer({ min: -1_000, max: 40_000_000 }), (list, after) => {
        const slow = list.filter((outline) => Date.parse(outline.recorded_at) <= START + after).length
        expect(cursorAt({ outlines: listOf(list), cursor: list.length }, START + after)).toBe(slow)
      }),
    )
  })
})
