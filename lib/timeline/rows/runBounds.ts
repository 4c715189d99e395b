import { timeMs } from "@/lib/trace/state/runState"
import type { RunView } from "@/lib/trace/view/RunView"
import { spanOfTurns } from "./turnSpan"

/**
 * When a run took place, in milliseconds since 1970. `isHistory`: its turns were recorded after the fact, so the run's own
 * start and end say nothing about them.
 */
export type RunBounds = { readonly startMs: number; readonly endMs: number; readonly isHistory: boolean }

/** From the run's start (or an earlier first turn) to its end (or a later last turn). 0 where nothing is known. */
export function runBounds(view: Pick<RunView, "outlines" | "cursor" | "run"> | undefined): RunBounds {
  const turns = view === undefined ? undefined : spanOfTurns(view.outlines, view.cursor)
  const started = timeMs(view?.run?.started_at)
  const ended = timeMs(view?.run?.ended_at)
  if (turns === undefined) return { startMs: started ?? 0, endMs: ended ?? started ?? 0, isHistory: false }
  if (started === undefined || turns.end < started)
    return { startMs: turns.start, endMs: turns.end, isHistory: started !== undefined }
  const endMs = Math.max(turns.end, ended ?? turns.end)
  return { startMs: Math.min(started, turns.start), endMs, isHistory: false }
}
