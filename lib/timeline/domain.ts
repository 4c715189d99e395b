import type { RunSummary } from "@/lib/protocol/run"
import { timeMs } from "@/lib/trace/runState"
import type { SpanTable } from "./spans"

/** A stretch of time, milliseconds; `fromMs < toMs` always. */
export type TimeRange = { fromMs: number; toMs: number }

/** An axis is never shorter than this. */
const SHORTEST_MS = 1_000
/** While a run is live its axis ends this share of its length after now. */
const ROOM_SHARE = 0.03

/**
 * The whole axis of a run: from its start or its first turn to its end, its last turn or, while it is live, a little after
 * now. Finite and at least a second long, whatever the times say.
 */
export function runDomain(spans: SpanTable, run: RunSummary | undefined, serverNowMs: number): TimeRange {
  const has = spans.cursor > spans.base
  const startMs = timeMs(run?.started_at)
  const endMs = timeMs(run?.ended_at)
  const live = run?.status === "in_progress"
  // Turns that were recorded long after they happened: the run's own start says nothing about them.
  const fromMs = has ? Math.min(spans.fromMs, startMs ?? spans.fromMs) : (startMs ?? serverNowMs)
  const lastMs = has ? spans.toMs : fromMs
  const toMs = Math.max(lastMs, live ? serverNowMs : (endMs ?? lastMs))
  const lengthMs = Math.max(SHORTEST_MS, toMs - fromMs)
  return { fromMs, toMs: fromMs + lengthMs * (live ? 1 + ROOM_SHARE : 1) }
}
