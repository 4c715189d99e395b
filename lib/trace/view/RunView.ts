import type { Progress, RunSummary, RunTermination, RunTotals } from "@/lib/protocol/run"
import type { TurnOutline } from "@/lib/protocol/turn"
import { NO_OUTLINES, type OutlineList } from "./OutlineList"

/** A turn that came before the ones it follows. */
export type HeldTurn = { outline: TurnOutline; totals: RunTotals }

/**
 * What a viewer holds of one run: the outlines of the turns `base … cursor - 1` without a hole, perhaps those of a tail
 * before them, the run's own data, and what is being done now. Bodies are kept elsewhere. Values are never mutated.
 */
export type RunView = {
  readonly run_id: string
  /** Undefined until the first snapshot. An end shows in it only once `ended` is set, if it came while being watched. */
  readonly run: RunSummary | undefined
  readonly outlines: OutlineList
  /** Turns from here on are held; 0 once the older outlines are in. */
  readonly base: number
  /** Outlines of the turns `from … to - 1`, all below `base`, that were read before the ones between. */
  readonly tail: { readonly from: number; readonly to: number } | undefined
  /** Turns below this are held. */
  readonly cursor: number
  /** The furthest that the run is known to have come; `runCursor - cursor` is how far behind the view is. */
  readonly runCursor: number
  /** `run.totals` hold the turns below this. */
  readonly summedTo: number
  /** Turns ahead of `cursor`, by index, waiting for the ones between. */
  readonly held: ReadonlyMap<number, HeldTurn>
  /** The turn being made, at the index that it will get. */
  readonly progress: { readonly index: number; readonly progress: Progress } | undefined
  /** Set once, when every turn up to the end is held. */
  readonly ended: RunTermination | undefined
  /** An end that waits for the turns before it. */
  readonly endAhead: { readonly run: RunSummary; readonly termination: RunTermination } | undefined
  /** Counts how often the view had to start again: bodies of another generation belong to another run. */
  readonly generation: number
}

/** A view that holds nothing yet. */
export function emptyView(run_id: string): RunView {
  return {
    run_id,
    run: undefined,
    outlines: NO_OUTLINES,
    base: 0,
    tail: undefined,
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

/** The cursor up to which the view is whole from the first turn on; 0 while older outlines are missing. */
export function wholeCursor(view: RunView): number {
  return view.base === 0 ? view.cursor : 0
}

/** The hole in front of the first turn held ahead, as `[from, to)`; undefined without one. */
export function holeOf(view: RunView): { from: number; to: number } | undefined {
  let to = Number.POSITIVE_INFINITY
  for (const index of view.held.keys()) to = Math.min(to, index)
  return Number.isFinite(to) && to > view.cursor ? { from: view.cursor, to } : undefined
}

/** The turn being made, if the view has every turn before it; a progress of a turn that exists is never shown. */
export function shownProgress(view: RunView): { index: number; progress: Progress } | undefined {
  return view.progress?.index === view.cursor && view.ended === undefined ? view.progress : undefined
}
