import { LIMITS } from "@/lib/protocol/limits"
import type { Clock } from "@/server/platform/Clock"
import type { RunStore } from "@/server/store/RunStore"
import type { LiveRun } from "./LiveRun"

const MAX_TURNS = 1_000
const SPAN_MS = LIMITS.recentBuckets * LIMITS.recentBucketMs

/** Counts the turns that a run got in the last 5 minutes before this process started, among its newest thousand. */
export async function recallRecent(
  store: Pick<RunStore, "outlines">,
  run: LiveRun,
  clock: Clock,
): Promise<void> {
  const { run_id, cursor, last_turn_at } = run.row
  if (last_turn_at === undefined || clock.now() - Date.parse(last_turn_at) >= SPAN_MS) return
  const from = Math.max(0, cursor - MAX_TURNS)
  const { turns } = await store.outlines({ run_id, from, limit: cursor - from })
  for (const turn of turns) {
    // The store puts the time first, so the rest needn't be parsed.
    const recorded_at = /"recorded_at":"([^"]*)"/.exec(turn)?.[1] ?? ""
    const agoMs = clock.now() - Date.parse(recorded_at)
    if (agoMs < SPAN_MS) run.recent.add(1, agoMs)
  }
}
