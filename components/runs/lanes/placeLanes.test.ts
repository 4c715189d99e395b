import { expect, test } from "vitest"
import type { Lane } from "@/lib/timeline/lanes/laneLayout"
import { barAt, barBox, placeLanes } from "./placeLanes"

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

test("a bar in progress ends now, a short one is visible, and one outside of the axis isn't drawn", () => {
  const [first, second] = placed
  if (first === undefined || second === undefined) throw new Error("expected two lanes")
  expect(barBox(first, bar("live", 1, 90), axis)).toMatchObject({ x: 900, width: 80 })
  expect(barBox(second, bar("b", 0, 10, 10.01), axis)?.width).toBe(2)
  expect(barBox(first, bar("past", 0, -50, -10), axis)).toBeUndefined()
})

test("a lane with many bars takes no more room than others in a low band, and its own height otherwise", () => {
  const busy: Lane = { ...lane, rows: 5, bars: [0, 1, 2, 3, 4].map((row) => bar(String(row), row, 0)) }
  const low = placeLanes([busy, lane], 60)
  expect(low.placed.map(({ height: px }) => px)).toEqual([25, 25])
  const boxes = busy.bars.map((drawn) => low.placed[0] && barBox(low.placed[0], drawn, axis))
  for (const box of boxes) expect(box).toMatchObject({ height: 2 })
  expect(boxes.at(-1)?.y).toBeLessThan(25 - 2)
  expect(placeLanes([busy]).height).toBe(58)
})

test("a low band shows the lanes that fit, but at least one", () => {
  const lanes = [lane, lane, lane]
  expect(placeLanes(lanes, 60).placed).toHaveLength(2)
  expect(placeLanes(lanes, 1).placed).toHaveLength(1)
  expect(placeLanes([], 60)).toEqual({ placed: [], height: 0 })
})
