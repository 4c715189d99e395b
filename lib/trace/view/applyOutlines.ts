import type { TurnOutline } from "@/lib/protocol/turn"
import { withOutlines } from "./OutlineList"
import type { RunView } from "./RunView"
import { raise } from "./takeTurns"

/**
 * Takes in a page of outlines. The first one may lie anywhere and sets where the view begins; a later one reaches up to
 * the beginning of what is held. One page that ends before it is kept as a tail, until the pages between have come;
 * what fits nowhere is ignored. Turns that follow come from the run's subscription alone.
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
    if (view.tail !== undefined) return known
    return { ...known, outlines: withOutlines(view.outlines, page.outline), tail: { from: page.from, to } }
  }
  const older = page.outline.filter(({ index }) => index < view.base)
  return land({ ...known, outlines: withOutlines(view.outlines, older), base: page.from })
}

/** The view with its tail, once what it holds has come down to it. */
function land(view: RunView): RunView {
  const { tail, base } = view
  if (tail === undefined || base > tail.to) return view
  return { ...view, base: Math.min(base, tail.from), tail: undefined }
}
