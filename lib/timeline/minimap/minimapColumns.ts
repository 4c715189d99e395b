import { TURN_KINDS, type TurnKind } from "@/lib/protocol/enums"
import { positionToX } from "@/lib/timeline/axis/Viewport"
import { forEachSpan } from "@/lib/timeline/rows/turnSpan"
import type { OutlineList } from "@/lib/trace/view/OutlineList"
import { type MinimapScale, positionOnScale } from "./minimapScale"

/** A run as pixel columns. Flags are 0 or 1. */
export type MinimapColumns = {
  readonly width: number
  /** The share of the column in which turns were running; 0 means idle. */
  readonly busy: Float32Array
  /** The kind that fills most of the column, as an index into `TURN_KINDS`; meaningless if idle. */
  readonly kind: Uint8Array
  readonly error: Uint8Array
  readonly failedExit: Uint8Array
  readonly human: Uint8Array
  readonly child: Uint8Array
  readonly hit: Uint8Array
}

const NO_HITS: ReadonlySet<number> = new Set()
/** The minimum width of a turn, in pixels, so that every turn is in some column. */
const MIN_WIDTH_PX = 0.25
/** Evenly spaced turns of at least this width have a gap between them. */
const MIN_GAPPED_PX = 4

/**
 * Distributes the turns `0 … cursor - 1` over columns of the whole scale, in one pass. `hits` are the turns that match
 * a search.
 */
export function minimapColumns(
  view: { outlines: OutlineList; cursor: number },
  scale: MinimapScale,
  widthPx: number,
  hits: ReadonlySet<number> = NO_HITS,
): MinimapColumns {
  const width = Number.isFinite(widthPx) ? Math.max(0, Math.floor(widthPx)) : 0
  const flags = () => new Uint8Array(width)
  const columns = {
    ...{ width, busy: new Float32Array(width), error: flags(), failedExit: flags() },
    ...{ human: flags(), child: flags(), hit: flags() },
  }
  const viewport = { from: 0, to: scale.length }
  const byKind = new Float32Array(width * TURN_KINDS.length)
  forEachSpan(view.outlines, view.cursor, (outline, span) => {
    const position = positionOnScale(scale, outline.index, span)
    const left = positionToX(viewport, width, position.start)
    const end = positionToX(viewport, width, position.end)
    // Without a gap, adjacent turns would look like one.
    const gap = scale.kind === "turns" && end - left >= MIN_GAPPED_PX ? 1 : 0
    const right = Math.max(left + MIN_WIDTH_PX, end - gap)
    const first = Math.max(0, Math.floor(left))
    const last = Math.min(width - 1, Math.ceil(right) - 1)
    for (let column = first; column <= last; column++) {
      const part = Math.min(right, column + 1) - Math.max(left, column)
      columns.busy[column] = Math.min(1, (columns.busy[column] ?? 0) + part)
      const cell = column * TURN_KINDS.length + kindIndex(outline.kind)
      byKind[cell] = (byKind[cell] ?? 0) + part
      if (outline.error) columns.error[column] = 1
      if (outline.exit_code) columns.failedExit[column] = 1
      if (outline.kind === "human") columns.human[column] = 1
      if (outline.child_run_id !== undefined) columns.child[column] = 1
      if (hits.has(outline.index)) columns.hit[column] = 1
    }
  })
  return { ...columns, kind: dominantKinds(byKind, width) }
}

function kindIndex(kind: TurnKind): number {
  return Math.max(0, TURN_KINDS.indexOf(kind))
}

function dominantKinds(byKind: Float32Array, width: number): Uint8Array {
  const kinds = new Uint8Array(width)
  for (let column = 0; column < width; column++) {
    let max = 0
    for (let kind = 0; kind < TURN_KINDS.length; kind++) {
      const share = byKind[column * TURN_KINDS.length + kind] ?? 0
      if (share <= max) continue
      max = share
      kinds[column] = kind
    }
  }
  return kinds
}
