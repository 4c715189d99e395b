import { timeMs } from "@/lib/trace/state/runState"
import type { RunView } from "@/lib/trace/view/RunView"
import { spanOfTurns } from "./turnSpan"

/** When a run was, in milliseconds since 1970. `told`: its turns are history, told after it was over. */
export type RunBounds = { readonly startMs: number; readonly endMs: number; readonly told: boolean }

/** From the run's start, or the first turn if that was before, to the last turn or the run's end; 0 where nothing is known. */
export function runBounds(view: Pick<RunView, "outlines" | "cursor" | "run"> | undefined): RunBounds {
  const turns = view === undefined ? undefined : spanOfTurns(view.outlines, view.cursor)
  const started = timeMs(view?.run?.started_at)
  const ended = timeMs(view?.run?.ended_at)
  if (turns === undefined) return { startMs: started ?? 0, endMs: ended ?? started ?? 0, told: false }
  // Turns that all ended before the run began: the run's own times are not theirs.
  if (started === undefined || turns.end < started)
    return { startMs: turns.start, endMs: turns.end, told: started !== undefined }
  const endMs = Math.max(turns.end, ended ?? turns.end)
  return { startMs: Math.min(started, turns.start), endMs, told: false }
}
