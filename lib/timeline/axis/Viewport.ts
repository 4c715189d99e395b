/** The visible range of an axis, in positions on that axis (milliseconds, see `timeAxis`). Always `from < to`. */
export type Viewport = { readonly from: number; readonly to: number }

/** The closest zoom. */
export const MIN_VIEW_MS = 10

/** Returns the whole axis, extended to the closest zoom if it is shorter. */
export function fitViewport(whole: Viewport): Viewport {
  return { from: whole.from, to: Math.max(whole.to, whole.from + MIN_VIEW_MS) }
}

/** Keeps a view inside the axis: moves it first, and shortens it only if it is longer than the axis. */
export function clampViewport(view: Viewport, axis: Viewport): Viewport {
  const whole = fitViewport(axis)
  const wholeMs = whole.to - whole.from
  const wanted = view.to - view.from
  const length = Number.isFinite(wanted) ? Math.max(MIN_VIEW_MS, wanted) : wholeMs
  if (length >= wholeMs) return whole
  const from = Math.min(Math.max(view.from, whole.from), whole.to - length)
  return { from, to: from + length }
}

/** Zooms by a factor (2: twice as close) around the position `at`, as far as the axis allows. */
export function zoomAt(view: Viewport, factor: number, at: number, axis: Viewport): Viewport {
  if (!(factor > 0) || !Number.isFinite(factor)) return clampViewport(view, axis)
  const length = Math.max(MIN_VIEW_MS, (view.to - view.from) / factor)
  const share = (at - view.from) / (view.to - view.from)
  const from = at - length * (Number.isFinite(share) ? Math.min(1, Math.max(0, share)) : 0.5)
  return clampViewport({ from, to: from + length }, axis)
}

/** Moves the view, stopping at the ends of the axis. */
export function panBy(view: Viewport, ms: number, axis: Viewport): Viewport {
  const by = Number.isFinite(ms) ? ms : 0
  return clampViewport({ from: view.from + by, to: view.to + by }, axis)
}

/** Converts a position on the axis to pixels from the left, which may lie outside the view. */
export function positionToX(view: Viewport, widthPx: number, position: number): number {
  return ((position - view.from) / (view.to - view.from)) * widthPx
}

/** Converts pixels from the left to a position on the axis. */
export function xToPosition(view: Viewport, widthPx: number, x: number): number {
  return widthPx > 0 ? view.from + (x / widthPx) * (view.to - view.from) : view.from
}
