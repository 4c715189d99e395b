import { TURN_KINDS, type TurnKind } from "@/lib/protocol/words"
import { type TimeAxis, toAxis } from "@/lib/timeline/axis/timeAxis"
import { positionToX, type Viewport } from "@/lib/timeline/axis/Viewport"
import { forEachSpan } from "@/lib/timeline/rows/turnSpan"
import type { OutlineList } from "@/lib/trace/view/OutlineList"

/**
 * A run as pixel columns for one canvas line. Per column: `busy` is the share of it that turns fill (0: idle), `kind` the
 * kind that fills most of it (an index into `TURN_KINDS`; meaningless where idle), and whether an error or a child run is in it.
 */
export type MinimapColumns = {
  readonly width: number
  readonly busy: Float32Array
  readonly kind: Uint8Array
  readonly error: Uint8Array
  readonly child: Uint8Array
}

/** Puts the turns `0 … cursor - 1` into columns in one pass over them; a turn however short fills something. */
export function minimapColumns(
  view: { outlines: OutlineList; cursor: number },
  axis: TimeAxis,
  viewport: Viewport,
  widthPx: number,
): MinimapColumns {
  const width = Number.isFinite(widthPx) ? Math.max(0, Math.floor(widthPx)) : 0
  const busy = new Float32Array(width)
  const error = new Uint8Array(width)
  const child = new Uint8Array(width)
  const byKind = new Float32Array(width * TURN_KINDS.length)
  forEachSpan(view.outlines, view.cursor, (outline, span) => {
    const left = positionToX(viewport, width, toAxis(axis, span.start))
    const right = Math.max(left + 0.25, positionToX(viewport, width, toAxis(axis, span.end)))
    const first = Math.max(0, Math.floor(left))
    const last = Math.min(width - 1, Math.ceil(right) - 1)
    for (let column = first; column <= last; column++) {
      const part = Math.min(right, column + 1) - Math.max(left, column)
      busy[column] = Math.min(1, (busy[column] ?? 0) + part)
      const cell = column * TURN_KINDS.length + kindNumber(outline.kind)
      byKind[cell] = (byKind[cell] ?? 0) + part
      if (outline.error) error[column] = 1
      if (outline.child_run_id !== undefined) child[column] = 1
    }
  })
  return { width, busy, kind: dominant(byKind, width), error, child }
}

function kindNumber(kind: TurnKind): number {
  return Math.max(0, TURN_KINDS.indexOf(kind))
}

function dominant(byKind: Float32Array, width: number): Uint8Array {
  const kind = new Uint8Array(width)
  for (let column = 0; column < width; column++) {
    let most = 0
    for (let at = 0; at < TURN_KINDS.length; at++) {
      const share = byKind[column * TURN_KINDS.length + at] ?? 0
      if (share > most) {
        most = share
        kind[column] = at
      }
    }
  }
  return kind
}
