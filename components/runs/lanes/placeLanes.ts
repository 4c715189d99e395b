import type { Lane, LaneBar } from "@/lib/timeline/lanes/laneLayout"

const BAR_PX = 8
const ROW_GAP_PX = 2
const MIN_LANE_PX = 25

/** A lane's position, in CSS pixels from the top of the first one. */
export type PlacedLane = { lane: Lane; top: number; height: number }

/** The lanes' time axis: its range and width. It ends a little after now. */
export type LaneAxis = { fromMs: number; toMs: number; nowMs: number; widthPx: number }

/** Stacks lanes from top to bottom, as many as fit into `maxPx` but at least one. */
export function placeLanes(
  lanes: readonly Lane[],
  maxPx = Number.POSITIVE_INFINITY,
): { placed: PlacedLane[]; height: number } {
  const placed: PlacedLane[] = []
  let top = 0
  for (const lane of lanes) {
    const height = Math.max(MIN_LANE_PX, lane.rows * (BAR_PX + ROW_GAP_PX) + 8)
    if (placed.length > 0 && top + height > maxPx) break
    placed.push({ lane, top, height })
    top += height
  }
  return { placed, height: top }
}

export const toX = ({ fromMs, toMs, widthPx }: LaneAxis, ms: number) =>
  ((ms - fromMs) / Math.max(1, toMs - fromMs)) * widthPx

/** Returns a bar's rectangle, at least 2 px wide so that short runs are visible. Undefined outside the axis. */
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

/** Returns the bar within 3 px of a point, or the topmost of several. */
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
