import type { TurnOutline } from "@/lib/protocol/turn"
import { withOutlines } from "./OutlineList"
import type { RunView } from "./RunView"
import { raise } from "./takeTurns"

/**
 * Adds a page of outlines. The first page may start anywhere and sets `base`; later pages must reach `base`. One page
 * that ends before `base` is kept as `earlier` until the pages in between have arrived; any other page is ignored.
 * Newer turns only arrive through the run's subscription.
 */
export function applyOutlines(
  view: RunView,
  page: { from: number; outline: readonly TurnOutline[]; cursor: number },
): RunView {
  const known = raise(view, page.cursor)
  const to = page.from + page.outline.length
  if (page.outline.length === 0) return known
  if (view.cursor === 0) {
    return { ...known, outlines: withOutlines(view.outlines, page.outline), base: page.from, cursor: to }
  }
  if (page.from >= view.base) return known
  if (to < view.base) {
    if (view.earlier !== undefined) return known
    return { ...known, outlines: withOutlines(view.outlines, page.outline), earlier: { from: page.from, to } }
  }
  const older = page.outline.filter(({ index }) => index < view.base)
  return mergeEarlier({ ...known, outlines: withOutlines(view.outlines, older), base: page.from })
}

/** Merges the earlier outlines once those in between have arrived. */
function mergeEarlier(view: RunView): RunView {
  const { earlier, base } = view
  if (earlier === undefined || base > earlier.to) return view
  return { ...view, base: Math.min(base, earlier.from), earlier: undefined }
}
