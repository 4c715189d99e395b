import type { TurnOutline } from "@/lib/protocol/turn"
import { addOutlines } from "./agentClock"
import type { RunView } from "./RunView"
import { raise } from "./takeTurns"

/**
 * Takes in a page of outlines. The first one may lie anywhere and sets where the view begins; a later one must reach up
 * to the beginning of what is held, and is ignored otherwise, so that the view never has a hole. Turns that follow come
 * from the run's subscription alone.
 */
export function applyOutlines(
  view: RunView,
  page: { from: number; outline: readonly TurnOutline[]; cursor: number },
): RunView {
  const known = raise(view, page.cursor)
  const to = page.from + page.outline.length
  if (page.outline.length === 0) return known
  if (view.cursor === 0) {
    return { ...known, ...addOutlines(view, page.outline), base: page.from, cursor: to }
  }
  if (page.from >= view.base || to < view.base) return known
  const older = page.outline.filter(({ index }) => index < view.base)
  return { ...known, ...addOutlines(view, older), base: page.from }
}
