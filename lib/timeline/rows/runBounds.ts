import { timeMs } from "@/lib/trace/state/runState"
import { outlineAt } from "@/lib/trace/view/OutlineList"
import type { RunView } from "@/lib/trace/view/RunView"
import { spanOfTurns } from "./turnSpan"

/**
 * When a run took place, in milliseconds since 1970. `isHistory`: the turns were recorded after the fact, so the run's
 * own start and end don't apply to them.
 */
export type RunBounds = { readonly startMs: number; readonly endMs: number; readonly isHistory: boolean }

/** If the last turn was recorded this long after it ended, it was imported, or its agent's clock is wrong. */
const HISTORY_AFTER_MS = 10 * 60_000

/**
 * Returns the period from the run's start, or its first turn if that is earlier, to the run's end, or its last turn if
 * that is later. For turns that were recorded after the fact, or a run without a valid start, only the turns count.
 * Unknown times are 0.
 */
export function runBounds(view: Pick<RunView, "outlines" | "cursor" | "run"> | undefined): RunBounds {
  const turns = view === undefined ? undefined : spanOfTurns(view.outlines, view.cursor)
  const started = timeMs(view?.run?.started_at)
  const ended = timeMs(view?.run?.ended_at)
  if (turns === undefined) return { startMs: started ?? 0, endMs: ended ?? started ?? 0, isHistory: false }
  if (view === undefined || started === undefined || turns.end < started || isRecordedLater(view, turns.end))
    return { startMs: turns.start, endMs: turns.end, isHistory: started !== undefined }
  const endMs = Math.max(turns.end, ended ?? turns.end)
  return { startMs: Math.min(started, turns.start), endMs, isHistory: false }
}

function isRecordedLater(view: Pick<RunView, "outlines" | "cursor" | "run">, endMs: number): boolean {
  if (view.run?.status === "in_progress") return false
  const recorded = timeMs(outlineAt(view.outlines, view.cursor - 1)?.recorded_at)
  return recorded !== undefined && recorded - endMs > HISTORY_AFTER_MS
}
