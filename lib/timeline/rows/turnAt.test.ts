import { expect, test } from "vitest"
import type { TurnOutline } from "@/lib/protocol/turn"
import { NO_OUTLINES, withOutlines } from "@/lib/trace/view/OutlineList"
import { cursorAtTime, cursorTime, turnAt } from "./turnAt"

const T0 = Date.UTC(2026, 0, 1)
const turn = (index: number, startS: number, lengthS: number): TurnOutline => ({
  index,
  kind: "tool",
  title: "t",
  started_at: new Date(T0 + startS * 1_000).toISOString(),
  duration_ms: lengthS * 1_000,
  // All turns were recorded together, much later, so their positions on the axis must come from their own times.
  recorded_at: new Date(T0 + 3_600_000).toISOString(),
})
const view = {
  outlines: withOutlines(NO_OUTLINES, [turn(0, 0, 10), turn(1, 10, 5), turn(2, 60, 20)]),
  cursor: 3,
}
const at = (seconds: number) => T0 + seconds * 1_000

test("turnAt finds the turn that was running, or else the last one before", () => {
  expect([-5, 0, 12, 40, 60, 999].map((s) => turnAt(view, at(s)))).toEqual([0, 0, 1, 1, 2, 2])
  expect(turnAt({ outlines: NO_OUTLINES, cursor: 0 }, at(0))).toBeUndefined()
})

test("cursorAtTime counts the turns that had ended, and cursorTime inverts it", () => {
  expect([-5, 9, 10, 15, 79, 80].map((s) => cursorAtTime(view, at(s)))).toEqual([0, 0, 1, 2, 2, 3])
  for (const cursor of [1, 2, 3]) {
    expect(cursorAtTime(view, cursorTime(view.outlines, cursor) ?? 0)).toBe(cursor)
  }
  expect(cursorTime(view.outlines, 0)).toBeUndefined()
})
