import { timeMs } from "@/lib/trace/state/runState"
import { outlineAt } from "@/lib/trace/view/OutlineList"
import type { RunView } from "@/lib/trace/view/RunView"
import { spanOfTurns } from "./turnSpan"

/**
 * When a run took place, in milliseconds since 1970. `isHistory`: its turns were recorded after the fact, so the run's
 * own start and end don't apply to them.
 */
export type RunBounds = { readonly startMs: number; readonly endMs: number; readonly isHistory: boolean }

/** If the last turn was recorded this long after it ended, it was imported, or its agent's clock is wrong. */
const HISTORY_AFTER_MS = 10 * 60_000

/** Spans the run's start (or an earlier first turn) to its end (or a later last turn). 0 if unknown. */
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
