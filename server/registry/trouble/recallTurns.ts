import { parseExact } from "@/lib/protocol/exactNumbers"
import { LIMITS } from "@/lib/protocol/limits"
import type { RunTurn, TurnOutline } from "@/lib/protocol/turn"
import { callDigest } from "@/lib/trace/turnDigest"
import type { Clock } from "@/server/platform/Clock"
import type { LiveRun } from "@/server/registry/live/LiveRun"
import type { RunStore } from "@/server/store/RunStore"

const SPAN_MS = LIMITS.recentBuckets * LIMITS.recentBucketMs
const MAX_OUTLINES = 1_000
/** The maximum number of turns to read for a run without recent turns, and to search for loops. */
const MAX_TURNS = 64

type Reads = Pick<RunStore, "outlines" | "turns">

/**
 * Reads a run's newest turns from the store and adds them to its live data: the number of turns in the last 5 minutes,
 * errors, and repeated calls.
 */
export async function recallTurns(store: Reads, run: LiveRun, clock: Clock): Promise<void> {
  const { cursor } = run.row
  run.signs.startRecall()
  try {
    const outlines = await readOutlines(store, run, clock)
    const calls = await readCalls(store, run.row.run_id, cursor)
    for (const { agoMs } of outlines) if (agoMs < SPAN_MS) run.recent.add(1, agoMs)
    run.signs.finishRecall(outlines, calls)
  } catch (cause) {
    run.signs.finishRecall([], [])
    throw cause
  }
}

async function readOutlines(store: Reads, { row }: LiveRun, clock: Clock) {
  const { run_id, cursor, last_turn_at } = row
  const isActive = last_turn_at !== undefined && clock.now() - Date.parse(last_turn_at) < SPAN_MS
  const from = Math.max(0, cursor - (isActive ? MAX_OUTLINES : MAX_TURNS))
  const { turns } = await store.outlines({ run_id, from, limit: cursor - from })
  return turns.map((turn) => {
    // The time comes first in the JSON, so the JSON needn't be parsed to read it.
    const recordedAt = /"recorded_at":"([^"]*)"/.exec(turn)?.[1] ?? ""
    const isError = turn.includes('"error":true') && (JSON.parse(turn) as TurnOutline).error === true
    return { agoMs: clock.now() - Date.parse(recordedAt), isError }
  })
}

async function readCalls(store: Reads, run_id: string, cursor: number): Promise<number[]> {
  const calls: number[] = []
  for (let from = Math.max(0, cursor - MAX_TURNS); from < cursor; ) {
    const { turns } = await store.turns({ run_id, from, limit: cursor - from, maxBytes: LIMITS.pageBytes })
    if (turns.length === 0) break
    calls.push(...turns.flatMap((turn) => callDigest(parseExact(turn) as RunTurn) ?? []))
    from += turns.length
  }
  return calls
}
