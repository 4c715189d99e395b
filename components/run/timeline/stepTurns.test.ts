import { expect, test } from "vitest"
import type { TurnOutline } from "@/lib/protocol/turn"
import { NO_OUTLINES, withOutlines } from "@/lib/trace/view/OutlineList"
import { findTitles, stepTurns } from "./stepTurns"

const turn = (index: number, title: string, error?: true): TurnOutline => ({
  index,
  kind: "tool",
  title,
  recorded_at: "2026-01-01T00:00:00.000Z",
  ...(error && { error }),
})
const outlines = withOutlines(NO_OUTLINES, [
  turn(0, "bash ls"),
  turn(1, "edit a", true),
  turn(2, "bash pwd"),
  turn(3, "edit b", true),
])
const failed = (outline: TurnOutline) => outline.error === true

test("errors are found forwards and backwards, going round", () => {
  expect(stepTurns(outlines, 4, 1, 1, failed)).toBe(3)
  expect(stepTurns(outlines, 4, 3, 1, failed)).toBe(1)
  expect(stepTurns(outlines, 4, 1, -1, failed)).toBe(3)
  expect(stepTurns(outlines, 4, -1, 1, failed)).toBe(1)
})

test("a turn that alone fits is found again; none is none", () => {
  expect(stepTurns(outlines, 2, 1, 1, failed)).toBe(1)
  expect(stepTurns(outlines, 1, 0, 1, failed)).toBeUndefined()
  expect(stepTurns(outlines, 0, 0, 1, failed)).toBeUndefined()
})

test("titles are searched whatever the case, up to the cursor", () => {
  expect(findTitles(outlines, 4, " BASH ")).toEqual([0, 2])
  expect(findTitles(outlines, 2, "bash")).toEqual([0])
  expect(findTitles(outlines, 4, " ")).toEqual([])
})
