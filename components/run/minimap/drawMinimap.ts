import { TURN_KINDS } from "@/lib/protocol/words"
import type { MinimapColumns } from "@/lib/timeline/minimap/minimapColumns"

/** The colours of the strip, by the names of their variables. */
export const MINIMAP_COLOURS = [
  "--kind-model",
  "--kind-tool",
  "--kind-agent",
  "--kind-human",
  "--kind-system",
  "--error",
  "--line",
] as const
export type MinimapColours = Record<(typeof MINIMAP_COLOURS)[number], string>

const ERROR_PX = 5

/** Draws the run as one line: kinds by colour, idle time as a hairline, errors and child runs marked. Sizes in CSS pixels. */
export function drawMinimap(
  canvas: HTMLCanvasElement,
  columns: MinimapColumns,
  colours: MinimapColours,
  heightPx: number,
): void {
  const ratio = window.devicePixelRatio || 1
  const { width } = columns
  canvas.width = Math.round(width * ratio)
  canvas.height = Math.round(heightPx * ratio)
  const context = canvas.getContext("2d")
  if (context === null) return
  context.scale(ratio, ratio)
  const top = ERROR_PX + 1
  const body = heightPx - top - 3
  context.fillStyle = colours["--line"]
  context.fillRect(0, top + body / 2, width, 1)
  for (let x = 0; x < width; x++) {
    const busy = columns.busy[x] ?? 0
    if (busy === 0) continue
    const kind = TURN_KINDS[columns.kind[x] ?? 0] ?? "system"
    context.fillStyle = colours[`--kind-${kind}`]
    // A column that is hardly busy is still seen; one that is all busy is no wall of colour.
    const height = Math.max(3, body * (0.3 + 0.4 * busy))
    context.fillRect(x, top + (body - height) / 2, 1, height)
    if (columns.child[x] === 1) {
      context.fillStyle = colours["--kind-agent"]
      context.fillRect(x, top - 1, 1, 1)
      context.fillRect(x, top + body, 1, 1)
      const isEdge = columns.child[x - 1] !== 1 || columns.child[x + 1] !== 1
      if (isEdge) context.fillRect(x, top - 1, 1, body + 2)
    }
  }
  context.fillStyle = colours["--error"]
  for (let x = 0; x < width; x++) {
    if (columns.error[x] === 1 && columns.error[x - 1] !== 1) context.fillRect(x - 1, 0, 3, ERROR_PX)
  }
}
