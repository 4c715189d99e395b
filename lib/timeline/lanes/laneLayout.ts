import type { RunSummary } from "@/lib/protocol/run"
import { isWaiting } from "@/lib/trace/matchesFilter"
import { type OutcomeClass, outcomeClass, timeMs } from "@/lib/trace/state/runState"

/** A run's bar in its agent's lane. Times are milliseconds since 1970; row 0 is at the top. */
export type LaneBar = {
  readonly runId: string
  readonly row: number
  readonly start: number
  /** Undefined while the run is live; the bar then extends to now. */
  readonly end: number | undefined
  readonly waiting: boolean
  /** Undefined while the run is live. */
  readonly outcome: OutcomeClass | undefined
}

/** The runs of one agent. Overlapping runs get separate rows. */
export type Lane = {
  readonly agentId: string
  readonly name: string
  readonly rows: number
  readonly bars: readonly LaneBar[]
}

/** If more runs than this overlap, the additional ones share the last row. */
const MAX_ROWS = 6

/**
 * Creates one lane per agent: agents with a live run first, then by name, so that the order only changes when a run
 * starts or ends. A bar keeps its row over time. Runs without a valid start are omitted.
 */
export function laneLayout(runs: readonly RunSummary[]): Lane[] {
  const byAgent = new Map<string, RunSummary[]>()
  for (const run of runs) {
    const runsOfAgent = byAgent.get(run.agent_id)
    if (runsOfAgent === undefined) byAgent.set(run.agent_id, [run])
    else runsOfAgent.push(run)
  }
  const lanes = [...byAgent].map(([agentId, runsOfAgent]) => laneOf(agentId, runsOfAgent))
  return lanes.sort(
    (a, b) =>
      Number(isLive(b)) - Number(isLive(a)) || compare(a.name, b.name) || compare(a.agentId, b.agentId),
  )
}

function isLive(lane: Lane): boolean {
  return lane.bars.some((bar) => bar.end === undefined)
}

function laneOf(agentId: string, runs: readonly RunSummary[]): Lane {
  const spans = runs.flatMap((run) => {
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
  spans.sort((a, b) => a.start - b.start || compare(a.runId, b.runId))
  const rowEnds: number[] = []
  const bars = spans.map((span): LaneBar => {
    const free = rowEnds.findIndex((end) => end <= span.start)
    const row = free >= 0 ? free : Math.min(rowEnds.length, MAX_ROWS - 1)
    rowEnds[row] = Math.max(rowEnds[row] ?? 0, span.end ?? Number.POSITIVE_INFINITY)
    return { ...span, row }
  })
  const name = runs.find((run) => run.agent_name !== undefined)?.agent_name ?? agentId
  return { agentId, name, rows: Math.max(1, rowEnds.length), bars }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
