import type { Lane, LaneBar } from "@/lib/timeline/lanes/laneLayout"

const BAR_PX = 8
const ROW_GAP_PX = 2
/** In a low band, bars can become this thin, so that a lane with many rows of bars leaves room for other lanes. */
const THIN_BAR_PX = 2
const THIN_GAP_PX = 1
const MIN_LANE_PX = 25
const LANE_PADDING_PX = 8

/** A lane's position, in CSS pixels from the top of the first one, and the height of its bars and of the gaps between. */
export type PlacedLane = { lane: Lane; top: number; height: number; barPx: number; gapPx: number }

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
    const { barPx, gapPx } = Number.isFinite(maxPx) ? fittingBars(lane.rows) : WHOLE_BARS
    const height = Math.max(MIN_LANE_PX, lane.rows * (barPx + gapPx) + LANE_PADDING_PX)
    if (placed.length > 0 && top + height > maxPx) break
    placed.push({ lane, top, height, barPx, gapPx })
    top += height
  }
  return { placed, height: top }
}

const WHOLE_BARS = { barPx: BAR_PX, gapPx: ROW_GAP_PX }

/** Returns the tallest bars that keep a lane of this many rows within `MIN_LANE_PX`, or thin bars if none do. */
function fittingBars(rows: number): typeof WHOLE_BARS {
  const rowPx = Math.floor((MIN_LANE_PX - LANE_PADDING_PX) / Math.max(1, rows))
  if (rowPx >= BAR_PX + ROW_GAP_PX) return WHOLE_BARS
  return { barPx: Math.max(THIN_BAR_PX, rowPx - THIN_GAP_PX), gapPx: THIN_GAP_PX }
}

export const toX = ({ fromMs, toMs, widthPx }: LaneAxis, ms: number) =>
  ((ms - fromMs) / Math.max(1, toMs - fromMs)) * widthPx

/** Returns a bar's rectangle, at least 2 px wide so that short runs are visible. Undefined outside the axis. */
export function barBox({ top, height, lane, barPx, gapPx }: PlacedLane, bar: LaneBar, axis: LaneAxis) {
  const end = bar.end ?? axis.nowMs
  if (end < axis.fromMs || bar.start > axis.toMs) return undefined
  const inner = lane.rows * (barPx + gapPx) - gapPx
  const x = toX(axis, Math.max(bar.start, axis.fromMs))
  return {
    x,
    y: top + (height - inner) / 2 + bar.row * (barPx + gapPx),
    width: Math.max(2, toX(axis, end) - x),
    height: barPx,
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
