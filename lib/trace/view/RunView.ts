import type { Progress, RunSummary, RunTermination, RunTotals } from "@/lib/protocol/run"
import type { TurnOutline } from "@/lib/protocol/turn"
import { NO_OUTLINES, type OutlineList } from "./OutlineList"

/** A turn that arrived before its predecessors. */
export type HeldTurn = { outline: TurnOutline; totals: RunTotals }

/**
 * A viewer's copy of one run: the outlines of the turns `base … cursor - 1` without a gap, possibly some `earlier`
 * ones, the run's summary, and its progress. Bodies are stored elsewhere. Values are never mutated.
 */
export type RunView = {
  readonly run_id: string
  /**
   * Undefined until the first snapshot. If the run ends while it is followed, its end is shown only once `ended` is
   * set.
   */
  readonly run: RunSummary | undefined
  readonly outlines: OutlineList
  /** All turns from here to `cursor` are known; 0 once older outlines have been loaded. */
  readonly base: number
  /** Outlines of the turns `from … to - 1`, all below `base`, which were read before the turns in between. */
  readonly earlier: { readonly from: number; readonly to: number } | undefined
  /** All turns from `base` to this one, exclusive, are known. */
  readonly cursor: number
  /** The highest known cursor of the run. `runCursor - cursor` is how far behind the view is. */
  readonly runCursor: number
  /** `run.totals` include the turns below this. */
  readonly summedTo: number
  /** Turns beyond `cursor`, by index, waiting for the turns in between. */
  readonly held: ReadonlyMap<number, HeldTurn>
  /** The pending turn, at the index that it will get. */
  readonly progress: { readonly index: number; readonly progress: Progress } | undefined
  /** Set once all turns up to the end are known. */
  readonly ended: RunTermination | undefined
  /** An end that waits for the turns before it. */
  readonly endAhead: { readonly run: RunSummary; readonly termination: RunTermination } | undefined
  /** Incremented when the view starts over. Bodies of another generation may belong to different turns. */
  readonly generation: number
}

/** Returns a view without any data. */
export function emptyView(run_id: string): RunView {
  return {
    run_id,
    run: undefined,
    outlines: NO_OUTLINES,
    base: 0,
    earlier: undefined,
    cursor: 0,
    runCursor: 0,
    summedTo: 0,
    held: new Map(),
    progress: undefined,
    ended: undefined,
    endAhead: undefined,
    generation: 0,
  }
}

/**
 * Returns the cursor up to which the view has every turn, starting with the first; 0 while older outlines are missing.
 */
export function wholeCursor(view: RunView): number {
  return view.base === 0 ? view.cursor : 0
}

/** Returns the gap before the first held turn, as `[from, to)`, or undefined without one. */
export function gapOf(view: RunView): { from: number; to: number } | undefined {
  let to = Number.POSITIVE_INFINITY
  for (const index of view.held.keys()) to = Math.min(to, index)
  return Number.isFinite(to) && to > view.cursor ? { from: view.cursor, to } : undefined
}

/** Returns the pending turn if the view has every turn before it. Progress on a turn that exists is never shown. */
export function shownProgress(view: RunView): { index: number; progress: Progress } | undefined {
  return view.progress?.index === view.cursor && view.ended === undefined ? view.progress : undefined
}
