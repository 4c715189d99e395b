import { expect, test } from "vitest"
import type { TurnOutline } from "@/lib/protocol/turn"
import { NO_OUTLINES, withOutlines } from "@/lib/trace/view/OutlineList"
import { findNextTurn } from "./findTurns"

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

test("finds errors forwards and backwards, wrapping around", () => {
  expect(findNextTurn(outlines, 4, 1, 1, failed)).toBe(3)
  expect(findNextTurn(outlines, 4, 3, 1, failed)).toBe(1)
  expect(findNextTurn(outlines, 4, 1, -1, failed)).toBe(3)
  expect(findNextTurn(outlines, 4, -1, 1, failed)).toBe(1)
})

test("finds a single match again, and nothing without a match", () => {
  expect(findNextTurn(outlines, 2, 1, 1, failed)).toBe(1)
  expect(findNextTurn(outlines, 1, 0, 1, failed)).toBeUndefined()
  expect(findNextTurn(outlines, 0, 0, 1, failed)).toBeUndefined()
})
