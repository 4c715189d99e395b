import type { Lane, LaneBar } from "@/lib/timeline/lanes/laneLayout"

const BAR_PX = 8
const ROW_GAP_PX = 2
const MIN_LANE_PX = 25

/** Where lanes stand, in CSS pixels from the top of the first. */
export type PlacedLane = { lane: Lane; top: number; height: number }

/** The axis of the lanes: the window of time and how wide it is drawn. A little room is left after now. */
export type LaneAxis = { fromMs: number; toMs: number; nowMs: number; widthPx: number }

export function placeLanes(lanes: readonly Lane[]): { placed: PlacedLane[]; height: number } {
  let top = 0
  const placed = lanes.map((lane) => {
    const height = Math.max(MIN_LANE_PX, lane.rows * (BAR_PX + ROW_GAP_PX) + 8)
    const at = { lane, top, height }
    top += height
    return at
  })
  return { placed, height: top }
}

export const toX = ({ fromMs, toMs, widthPx }: LaneAxis, ms: number) =>
  ((ms - fromMs) / Math.max(1, toMs - fromMs)) * widthPx

/** A bar's rectangle as of now; never thinner than 2 px, so that a short run is seen. Undefined outside the window. */
export function barBox({ top, height, lane }: PlacedLane, bar: LaneBar, axis: LaneAxis) {
  const end = bar.end ?? axis.nowMs
  if (end < axis.fromMs || bar.start > axis.toMs) return undefined
  const inner = lane.rows * (BAR_PX + ROW_GAP_PX) - ROW_GAP_PX
  const x = toX(axis, Math.max(bar.start, axis.fromMs))
  return {
    x,
    y: top + (height - inner) / 2 + bar.row * (BAR_PX + ROW_GAP_PX),
    width: Math.max(2, toX(axis, end) - x),
    height: BAR_PX,
  }
}

/** The bar at a point, or within 3 px of it; of several the one drawn last. */
export function barAt(
  placed: readonly PlacedLane[],
  axis: LaneAxis,
  x: number,
  y: number,
): LaneBar | undefined {
  const at = placed.find(({ top, height }) => y >= top && y < top + height)
  return at?.lane.bars.findLast((bar) => {
    const box = barBox(at, bar, axis)
    return box !== undefined && isNear(box, x, y)
  })
}

type Box = { x: number; y: number; width: number; height: number }

const isNear = (box: Box, x: number, y: number) =>
  x >= box.x - 3 && x <= box.x + box.width + 3 && y >= box.y - 2 && y <= box.y + box.height + 2
