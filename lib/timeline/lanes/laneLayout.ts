import type { RunSummary } from "@/lib/protocol/run"
import { isWaiting } from "@/lib/trace/matchesFilter"
import { type OutcomeClass, outcomeClass, timeMs } from "@/lib/trace/state/runState"

/** A run's bar in its agent's lane, in milliseconds since 1970; `row` 0 is the uppermost. A live one grows to now. */
export type LaneBar = {
  readonly runId: string
  readonly row: number
  readonly start: number
  /** Undefined while the run is live: draw it to now. */
  readonly end: number | undefined
  readonly waiting: boolean
  /** How it went; undefined while it is live. */
  readonly outcome: OutcomeClass | undefined
}

/** The runs of one agent; runs that overlap stand in rows of their own. */
export type Lane = {
  readonly agentId: string
  readonly name: string
  readonly rows: number
  readonly bars: readonly LaneBar[]
}

/** Lanes are never made of more rows than this; what overlaps more than that shares the last. */
const MAX_ROWS = 6

/**
 * A lane per agent: agents with a live run first, then by name, so that the order changes only when a run starts or ends.
 * Bars keep their row as time goes on. Runs whose start can't be read are left out.
 */
export function laneLayout(runs: readonly RunSummary[]): Lane[] {
  const byAgent = new Map<string, RunSummary[]>()
  for (const run of runs) {
    const there = byAgent.get(run.agent_id)
    if (there === undefined) byAgent.set(run.agent_id, [run])
    else there.push(run)
  }
  const lanes = [...byAgent].map(([agentId, own]) => laneOf(agentId, own))
  return lanes.sort(
    (a, b) =>
      Number(isLive(b)) - Number(isLive(a)) || compare(a.name, b.name) || compare(a.agentId, b.agentId),
  )
}

function isLive(lane: Lane): boolean {
  return lane.bars.some((bar) => bar.end === undefined)
}

function laneOf(agentId: string, runs: readonly RunSummary[]): Lane {
  const timed = runs.flatMap((run) => {
    const start = timeMs(run.started_at)
    if (start === undefined) return []
    const live = run.status === "in_progress"
    return [
      {
        runId: run.run_id,
        start,
        end: live ? undefined : Math.max(start, timeMs(run.ended_at) ?? start),
        waiting: isWaiting(run),
        outcome: outcomeClass(run),
      },
    ]
  })
  timed.sort((a, b) => a.start - b.start || compare(a.runId, b.runId))
  const freeFrom: number[] = []
  const bars = timed.map((bar): LaneBar => {
    const free = freeFrom.findIndex((time) => time <= bar.start)
    const row = free >= 0 ? free : Math.min(freeFrom.length, MAX_ROWS - 1)
    freeFrom[row] = Math.max(freeFrom[row] ?? 0, bar.end ?? Number.POSITIVE_INFINITY)
    return { ...bar, row }
  })
  const name = runs.find((run) => run.agent_name !== undefined)?.agent_name ?? agentId
  return { agentId, name, rows: Math.max(1, freeFrom.length), bars }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
