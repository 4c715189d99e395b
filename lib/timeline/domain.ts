import type { RunSummary } from "@/lib/protocol/run"
import { timeMs } from "@/lib/trace/runState"
import type { TurnSpan } from "./turnSpans"

/** An axis is never shorter than this. */
const SHORTEST_MS = 1_000
/** While a run is live its axis ends this share of its length after now. */
const ROOM_SHARE = 0.03

/**
 * The whole time of a run in milliseconds since 1970: from its start or its first turn to its end, its last turn or, while
 * it is live, a little after now. Finite and at least a second long, whatever the times say. `turns` is the span of its turns.
 */
export function runDomain(
  turns: TurnSpan | undefined,
  run: Pick<RunSummary, "started_at" | "ended_at" | "status"> | undefined,
  serverNowMs: number,
): TurnSpan {
  const startedMs = timeMs(run?.started_at)
  const live = run?.status === "in_progress"
  const start = Math.min(turns?.start ?? Number.POSITIVE_INFINITY, startedMs ?? turns?.start ?? serverNowMs)
  const lastMs = Math.max(turns?.end ?? start, live ? serverNowMs : (timeMs(run?.ended_at) ?? start), start)
  const lengthMs = Math.max(SHORTEST_MS, lastMs - start)
  return { start, end: start + lengthMs * (live ? 1 + ROOM_SHARE : 1) }
}
