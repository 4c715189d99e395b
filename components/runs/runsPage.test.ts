import { expect, test } from "vitest"
import type { Lane } from "@/lib/timeline/lanes/laneLayout"
import { liveBoardRows } from "./board/LiveBoard"
import { parseLabels } from "./filters/FilterLabel"
import { barAt, barBox, placeLanes } from "./lanes/placeLanes"
import { lastLine } from "./list/NowCell"

test("the wall grows in steps and never past its most", () => {
  expect([0, 1, 2, 3, 5, 7, 10, 500].map((count) => liveBoardRows(count, 12))).toEqual([
    1, 1, 2, 4, 6, 9, 12, 12,
  ])
  expect(liveBoardRows(500, 5)).toBe(5)
})

test("labels are read as they are written, and half a label is refused", () => {
  expect(parseLabels("env=prod, team = a=b ,")).toEqual({ env: "prod", team: "a=b" })
  expect(parseLabels("")).toEqual({})
  expect(parseLabels("env")).toBeUndefined()
  expect(parseLabels("=prod")).toBeUndefined()
})

test("what an agent says is shown by its last line that says something", () => {
  expect(lastLine("first\nsecond\n\u200B\n\n")).toBe("second")
  expect(lastLine("\n\n")).toBe("")
})

const bar = (runId: string, row: number, start: number, end?: number) => ({
  runId,
  row,
  start,
  end,
  waiting: false,
  outcome: undefined,
})
const lane: Lane = { agentId: "a", name: "a", rows: 2, bars: [bar("old", 0, 0, 50), bar("live", 1, 90)] }
const { placed, height } = placeLanes([lane, { ...lane, agentId: "b", rows: 1, bars: [bar("b", 0, 10, 11)] }])
const axis = { fromMs: 0, toMs: 100, nowMs: 98, widthPx: 1_000 }

test("a point finds the bar that is drawn there, and nothing between bars", () => {
  for (const at of placed) {
    for (const drawn of at.lane.bars) {
      const box = barBox(at, drawn, axis)
      expect(box).toBeDefined()
      if (box === undefined) continue
      expect(barAt(placed, axis, box.x + box.width / 2, box.y + box.height / 2)?.runId).toBe(drawn.runId)
    }
  }
  expect(barAt(placed, axis, 700, 10)).toBeUndefined()
  expect(barAt(placed, axis, 10, height + 5)).toBeUndefined()
})

test("a live bar ends now, a short one is still seen, and one outside the window is not drawn", () => {
  const [first, second] = placed
  if (first === undefined || second === undefined) throw new Error("two lanes were placed")
  expect(barBox(first, bar("live", 1, 90), axis)).toMatchObject({ x: 900, width: 80 })
  expect(barBox(second, bar("b", 0, 10, 10.01), axis)?.width).toBe(2)
  expect(barBox(first, bar("past", 0, -50, -10), axis)).toBeUndefined()
})
