import { expect, test } from "vitest"
import type { TurnOutline } from "@/lib/protocol/turn"
import { NO_OUTLINES, withOutlines } from "@/lib/trace/view/OutlineList"
import { cursorBy, timeOfCursor, turnAt } from "./turnAt"

const T0 = Date.UTC(2026, 0, 1)
const turn = (index: number, startS: number, lengthS: number): TurnOutline => ({
  index,
  kind: "tool",
  title: "t",
  started_at: new Date(T0 + startS * 1_000).toISOString(),
  duration_ms: lengthS * 1_000,
  // All told at once, long after: places on the axis come from the turns' own times.
  recorded_at: new Date(T0 + 3_600_000).toISOString(),
})
const view = {
  outlines: withOutlines(NO_OUTLINES, [turn(0, 0, 10), turn(1, 10, 5), turn(2, 60, 20)]),
  cursor: 3,
}
const at = (seconds: number) => T0 + seconds * 1_000

test("a time leads to the turn made then, or to the last before", () => {
  expect([-5, 0, 12, 40, 60, 999].map((s) => turnAt(view, at(s)))).toEqual([0, 0, 1, 1, 2, 2])
  expect(turnAt({ outlines: NO_OUTLINES, cursor: 0 }, at(0))).toBeUndefined()
})

test("the cursor as of a time counts the turns that had ended, and leads back to that time", () => {
  expect([-5, 9, 10, 15, 79, 80].map((s) => cursorBy(view, at(s)))).toEqual([0, 0, 1, 2, 2, 3])
  for (const cursor of [1, 2, 3]) {
    expect(cursorBy(view, timeOfCursor(view.outlines, cursor) ?? 0)).toBe(cursor)
  }
  expect(timeOfCursor(view.outlines, 0)).toBeUndefined()
})
