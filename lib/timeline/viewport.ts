import type { TimeRange } from "./domain"

/** Zoomed in no further than this. */
export const SHORTEST_VIEW_MS = 10

/** The part of the axis that is shown, in shown time (see `foldScale`). */
export type Viewport = TimeRange

/** All of it. */
export function fitViewport(domain: TimeRange): Viewport {
  return { fromMs: domain.fromMs, toMs: Math.max(domain.toMs, domain.fromMs + SHORTEST_VIEW_MS) }
}

/** The view kept inside its domain: moved first, and cut only where it is longer. */
export function clampViewport(view: Viewport, domain: TimeRange): Viewport {
  const whole = fitViewport(domain)
  const wholeMs = whole.toMs - whole.fromMs
  const wanted = Number.isFinite(view.toMs - view.fromMs) ? view.toMs - view.fromMs : wholeMs
  const lengthMs = Math.min(wholeMs, Math.max(SHORTEST_VIEW_MS, wanted))
  if (lengthMs >= wholeMs) return whole
  const fromMs = Math.min(Math.max(view.fromMs, whole.fromMs), whole.toMs - lengthMs)
  return { fromMs, toMs: fromMs + lengthMs }
}

/** Zooms by a factor (2: twice as close) so that what is at `atMs` stays where it is, as far as the domain allows. */
export function zoomAt(view: Viewport, factor: number, atMs: number, domain: TimeRange): Viewport {
  if (!(factor > 0) || !Number.isFinite(factor)) return clampViewport(view, domain)
  const lengthMs = Math.max(SHORTEST_VIEW_MS, (view.toMs - view.fromMs) / factor)
  const share = (atMs - view.fromMs) / (view.toMs - view.fromMs)
  const fromMs = atMs - lengthMs * (Number.isFinite(share) ? Math.min(1, Math.max(0, share)) : 0.5)
  return clampViewport({ fromMs, toMs: fromMs + lengthMs }, domain)
}

/** Moves the view by some milliseconds; it stops at the ends of its domain. */
export function panBy(view: Viewport, ms: number, domain: TimeRange): Viewport {
  const by = Number.isFinite(ms) ? ms : 0
  return clampViewport({ fromMs: view.fromMs + by, toMs: view.toMs + by }, domain)
}

/** The view after its domain grew: one that showed all of it still does, one at the live edge stays there. */
export function followDomain(view: Viewport, before: TimeRange, domain: TimeRange): Viewport {
  const nearEnd = view.toMs >= before.toMs - (before.toMs - before.fromMs) * 1e-6
  if (!nearEnd) return clampViewport(view, domain)
  if (view.fromMs <= before.fromMs) return fitViewport(domain)
  return panBy(view, domain.toMs - view.toMs, domain)
}

/** Where a time lies, in pixels from the left; may lie outside. */
export function timeToX(view: Viewport, widthPx: number, shownMs: number): number {
  return ((shownMs - view.fromMs) / (view.toMs - view.fromMs)) * widthPx
}

/** The time at a pixel. */
export function xToTime(view: Viewport, widthPx: number, x: number): number {
  return widthPx > 0 ? view.fromMs + (x / widthPx) * (view.toMs - view.fromMs) : view.fromMs
}
