import { type TimeAxis, toAxis } from "./timeAxis"
import type { TurnSpan } from "./turnSpans"
import { placeToX, type Viewport } from "./viewport"

/** A turn however short is seen. */
export const LEAST_BAR_PX = 2

/** A bar cut to the axis it lies on, in pixels from its left; never narrower than `LEAST_BAR_PX`. */
export type Bar = { leftPx: number; widthPx: number; clippedLeft: boolean; clippedRight: boolean }

/** The bar of a span on an axis that is `axisPx` wide; undefined when it lies outside the view. */
export function barOf(span: TurnSpan, axis: TimeAxis, view: Viewport, axisPx: number): Bar | undefined {
  const left = placeToX(view, axisPx, toAxis(axis, span.start))
  const right = placeToX(view, axisPx, toAxis(axis, span.end))
  if (!(axisPx > 0) || !(right >= 0 && left <= axisPx)) return undefined
  const leftPx = Math.min(Math.max(0, left), Math.max(0, axisPx - LEAST_BAR_PX))
  const widthPx = Math.max(LEAST_BAR_PX, Math.min(right, axisPx) - leftPx)
  return { leftPx, widthPx, clippedLeft: left < 0, clippedRight: right > axisPx }
}

/** Where a line at a clock time stands (now, the playhead, the mouse); undefined outside the view. */
export function lineX(ms: number, axis: TimeAxis, view: Viewport, axisPx: number): number | undefined {
  const x = placeToX(view, axisPx, toAxis(axis, ms))
  return x >= 0 && x <= axisPx ? x : undefined
}
