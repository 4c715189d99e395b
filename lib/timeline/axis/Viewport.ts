/** A stretch of an axis in its own milliseconds (see `timeAxis`); `from < to` always. */
export type Viewport = { readonly from: number; readonly to: number }

/** Zoomed in no further than this. */
export const SHORTEST_VIEW_MS = 10

/** All of an axis; never shorter than can be shown. */
export function fitViewport(whole: Viewport): Viewport {
  return { from: whole.from, to: Math.max(whole.to, whole.from + SHORTEST_VIEW_MS) }
}

/** The view kept inside the whole axis: moved first, and cut only where it is longer. */
export function clampViewport(view: Viewport, axis: Viewport): Viewport {
  const whole = fitViewport(axis)
  const wholeMs = whole.to - whole.from
  const wanted = view.to - view.from
  const length = Number.isFinite(wanted) ? Math.max(SHORTEST_VIEW_MS, wanted) : wholeMs
  if (length >= wholeMs) return whole
  const from = Math.min(Math.max(view.from, whole.from), whole.to - length)
  return { from, to: from + length }
}

/** Zooms by a factor (2: twice as close) so that what is at `at` stays where it is, as far as the axis allows. */
export function zoomAt(view: Viewport, factor: number, at: number, axis: Viewport): Viewport {
  if (!(factor > 0) || !Number.isFinite(factor)) return clampViewport(view, axis)
  const length = Math.max(SHORTEST_VIEW_MS, (view.to - view.from) / factor)
  const share = (at - view.from) / (view.to - view.from)
  const from = at - length * (Number.isFinite(share) ? Math.min(1, Math.max(0, share)) : 0.5)
  return clampViewport({ from, to: from + length }, axis)
}

/** Moves the view; it stops at the ends of the axis. */
export function panBy(view: Viewport, ms: number, axis: Viewport): Viewport {
  const by = Number.isFinite(ms) ? ms : 0
  return clampViewport({ from: view.from + by, to: view.to + by }, axis)
}

/** Where a place of the axis lies, in pixels from the left; may lie outside. */
export function placeToX(view: Viewport, widthPx: number, place: number): number {
  return ((place - view.from) / (view.to - view.from)) * widthPx
}

/** The place of the axis at a pixel. */
export function xToPlace(view: Viewport, widthPx: number, x: number): number {
  return widthPx > 0 ? view.from + (x / widthPx) * (view.to - view.from) : view.from
}
