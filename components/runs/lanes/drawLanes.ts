import type { LaneBar } from "@/lib/timeline/lanes/laneLayout"
import { barBox, type LaneAxis, type PlacedLane, toX } from "./placeLanes"

export const LANE_COLORS = [
  "--working",
  "--waiting",
  "--success",
  "--failure",
  "--incomplete",
  "--quiet",
  "--line",
  "--line-strong",
  "--ink",
] as const
export type LaneColors = Record<(typeof LANE_COLORS)[number], string>

export type LaneDrawing = {
  placed: readonly PlacedLane[]
  axis: LaneAxis
  ticks: readonly number[]
  colors: LaneColors
  /** In CSS pixels. */
  heightPx: number
  hovered: string | undefined
}

/** Draws the lanes. The context is scaled to CSS pixels. */
export function drawLanes(context: CanvasRenderingContext2D, drawing: LaneDrawing): void {
  const { placed, axis, ticks, colors, heightPx } = drawing
  context.clearRect(0, 0, axis.widthPx, heightPx)
  context.fillStyle = colors["--line"]
  for (const tick of ticks) context.fillRect(Math.round(toX(axis, tick)), 0, 1, heightPx)
  for (const at of placed) {
    context.fillStyle = colors["--line"]
    context.fillRect(0, at.top + at.height - 1, axis.widthPx, 1)
    for (const bar of at.lane.bars) drawBar(context, at, bar, drawing)
  }
  context.fillStyle = colors["--line-strong"]
  context.fillRect(Math.round(toX(axis, axis.nowMs)), 0, 1, heightPx)
}

function drawBar(
  context: CanvasRenderingContext2D,
  at: PlacedLane,
  bar: LaneBar,
  drawing: LaneDrawing,
): void {
  const { axis, colors, hovered } = drawing
  const box = barBox(at, bar, axis)
  if (box === undefined) return
  const { x, y, width, height } = box
  context.fillStyle = colors[barColor(bar)]
  context.beginPath()
  context.roundRect(x, y, width, height, Math.min(2, width / 2))
  context.fill()
  // A run in progress ends in an arrow, so that color isn't its only distinction.
  if (bar.end === undefined) {
    context.beginPath()
    context.moveTo(x + width, y)
    context.lineTo(x + width + 5, y + height / 2)
    context.lineTo(x + width, y + height)
    context.fill()
  }
  if (bar.outcome === "bad" && width > 6) drawNotch(context, drawing, x + width - 4, y, height)
  if (bar.runId === hovered) {
    context.strokeStyle = colors["--ink"]
    context.lineWidth = 1
    context.strokeRect(x - 1.5, y - 1.5, width + 3, height + 3)
  }
}

/** Marks a failed run with a notch near its end, so that color isn't its only distinction. */
function drawNotch(
  context: CanvasRenderingContext2D,
  drawing: LaneDrawing,
  x: number,
  y: number,
  height: number,
): void {
  context.fillStyle = drawing.colors["--line"]
  context.fillRect(x, y, 1.5, height)
}

function barColor(bar: LaneBar): keyof LaneColors {
  if (bar.end === undefined) return bar.waiting ? "--waiting" : "--working"
  switch (bar.outcome) {
    case "good":
      return "--success"
    case "bad":
      return "--failure"
    case "cut":
      return "--incomplete"
    default:
      return "--quiet"
  }
}
