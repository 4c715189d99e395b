import { TURN_KINDS } from "@/lib/protocol/enums"
import type { MinimapColumns } from "@/lib/timeline/minimap/minimapColumns"

/** The color variables of the minimap. */
export const MINIMAP_COLORS = [
  "--kind-model",
  "--kind-tool",
  "--kind-agent",
  "--kind-human",
  "--kind-system",
  "--error",
  "--waiting",
  "--line",
] as const
export type MinimapColors = Record<(typeof MINIMAP_COLORS)[number], string>

/**
 * Heights in CSS pixels: of the band for errors and failed exits at the top, of the band for search hits at the bottom,
 * and of the gaps between these and the turns.
 */
const PROBLEM_PX = 5
const HIT_PX = 3
const GAP_PX = 1
/** An isolated marked column is widened to this many pixels, so that it is visible. */
const MIN_MARK_PX = 3
/** Turns are drawn semi-transparently, so that marks stand out. */
const TURN_ALPHA = 0.75

/** Draws a run: turns by kind, a thin line for idle time, and bands for errors, failed exits and search hits. */
export function drawMinimap(
  canvas: HTMLCanvasElement,
  columns: MinimapColumns,
  colors: MinimapColors,
  heightPx: number,
): void {
  const ratio = window.devicePixelRatio || 1
  canvas.width = Math.round(columns.width * ratio)
  canvas.height = Math.round(heightPx * ratio)
  const context = canvas.getContext("2d")
  if (context === null) return
  context.scale(ratio, ratio)
  const top = PROBLEM_PX + GAP_PX
  const height = heightPx - top - HIT_PX - GAP_PX
  drawTurns(context, columns, colors, { top, height })
  drawExits(context, columns, colors["--error"])
  drawBand(context, columns.error, colors["--error"], { top: 0, height: PROBLEM_PX })
  drawBand(context, columns.hit, colors["--waiting"], { top: heightPx - HIT_PX, height: HIT_PX })
}

type Band = { top: number; height: number }

function drawTurns(
  context: CanvasRenderingContext2D,
  columns: MinimapColumns,
  colors: MinimapColors,
  { top, height }: Band,
): void {
  context.fillStyle = colors["--line"]
  context.fillRect(0, top + height / 2, columns.width, 1)
  for (let x = 0; x < columns.width; x++) {
    const busy = columns.busy[x] ?? 0
    if (busy === 0) continue
    const isHuman = columns.human[x] === 1
    const kind = isHuman ? "human" : (TURN_KINDS[columns.kind[x] ?? 0] ?? "system")
    context.globalAlpha = isHuman ? 1 : TURN_ALPHA
    context.fillStyle = colors[`--kind-${kind}`]
    // Even a column with little activity stays visible. A person's turn is as high as the band.
    const barHeight = isHuman ? height : Math.max(3, height * (0.3 + 0.4 * busy))
    const width = isHuman && columns.human[x - 1] !== 1 ? 2 : 1
    context.fillRect(x, top + (height - barHeight) / 2, width, barHeight)
    if (columns.child[x] === 1) drawChild(context, columns, colors["--kind-agent"], x, { top, height })
  }
  context.globalAlpha = 1
}

/** Frames the columns of a child run. */
function drawChild(
  context: CanvasRenderingContext2D,
  columns: MinimapColumns,
  color: string,
  x: number,
  { top, height }: Band,
): void {
  context.globalAlpha = 1
  context.fillStyle = color
  context.fillRect(x, top - 1, 1, 1)
  context.fillRect(x, top + height, 1, 1)
  const isEdge = columns.child[x - 1] !== 1 || columns.child[x + 1] !== 1
  if (isEdge) context.fillRect(x, top - 1, 1, height + 2)
}

/** Paints every marked column. An isolated column is widened. */
function drawBand(
  context: CanvasRenderingContext2D,
  marked: Uint8Array,
  color: string,
  { top, height }: Band,
): void {
  context.fillStyle = color
  for (let x = 0; x < marked.length; x++) {
    if (marked[x] !== 1) continue
    const isAlone = marked[x - 1] !== 1 && marked[x + 1] !== 1
    if (isAlone) context.fillRect(x - 1, top, MIN_MARK_PX, height)
    else context.fillRect(x, top, 1, height)
  }
}

/** Draws failed exits in the lowest 2 px of the band for errors. Errors are drawn over them. */
function drawExits(context: CanvasRenderingContext2D, columns: MinimapColumns, color: string): void {
  context.globalAlpha = 0.6
  drawBand(context, columns.failedExit, color, { top: PROBLEM_PX - 2, height: 2 })
  context.globalAlpha = 1
}
