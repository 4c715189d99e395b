import type { FoldScale } from "./foldScale"
import type { Span } from "./spans"
import { timeToX, type Viewport } from "./viewport"

/** A turn however short is seen. */
export const LEAST_BAR_PX = 2

/** A bar cut to the axis it lies on: pixels from its left, `widthPx` at least `LEAST_BAR_PX`. */
export type Bar = { leftPx: number; widthPx: number; clippedLeft: boolean; clippedRight: boolean }

/** The bar of a span on an axis of some pixels; undefined when it lies outside the view. */
export function barOf(span: Span, scale: FoldScale, view: Viewport, axisPx: number): Bar | undefined {
  const left = timeToX(view, axisPx, scale.toShown(span.startMs))
  const right = timeToX(view, axisPx, scale.toShown(span.endMs))
  if (!(right >= 0 && left <= axisPx) || !(axisPx > 0)) return undefined
  const from = Math.min(Math.max(0, left), Math.max(0, axisPx - LEAST_BAR_PX))
  const widthPx = Math.max(LEAST_BAR_PX, Math.min(right, axisPx) - from)
  return { leftPx: from, widthPx, clippedLeft: left < 0, clippedRight: right > axisPx }
}

/** Where a line at a time stands (now, the playhead, the mouse); undefined outside the view. */
export function lineAt(realMs: number, scale: FoldScale, view: Viewport, axisPx: number): number | undefined {
  const x = timeToX(view, axisPx, scale.toShown(realMs))
  return x >= 0 && x <= axisPx ? x : undefined
}
