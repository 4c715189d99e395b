import type { RunSummary } from "@/lib/protocol/run"
import { type OutcomeClass, outcomeClass, timeMs } from "@/lib/trace/runState"

/** One run in an agent's lane. Times are milliseconds since 1970 and lie within the window. */
export type LaneBar = {
  readonly run_id: string
  readonly fromMs: number
  readonly toMs: number
  /** In progress: its end is now, and grows. */
  readonly live: boolean
  readonly waiting: boolean
  readonly outcome: OutcomeClass | undefined
  /** Runs of one agent at one time stand in rows of their own. */
  readonly row: number
}

export type AgentLane = {
  readonly agent_id: string
  readonly name: string
  readonly rows: number
  readonly live: number
  readonly bars: readonly LaneBar[]
}

/** More runs at a time than this share the last row. */
const MOST_ROWS = 4

/** A lane for each agent with a run in the window `[fromMs, nowMs]`, by agent id, so that lanes never change places. */
export function agentLanes(runs: readonly RunSummary[], fromMs: number, nowMs: number): AgentLane[] {
  const byAgent = new Map<string, RunSummary[]>()
  for (const run of runs) {
    const ofAgent = byAgent.get(run.agent_id)
    if (ofAgent === undefined) byAgent.set(run.agent_id, [run])
    else ofAgent.push(run)
  }
  return [...byAgent]
    .map(([agent_id, ofAgent]) => lane(agent_id, ofAgent, fromMs, nowMs))
    .filter((it) => it.bars.length > 0)
    .sort((a, b) => (a.agent_id < b.agent_id ? -1 : 1))
}

function lane(agent_id: string, runs: readonly RunSummary[], fromMs: number, nowMs: number): AgentLane {
  const spans = runs.flatMap((run) => span(run, fromMs, nowMs)).sort((a, b) => a.fromMs - b.fromMs)
  const rowEnds: number[] = []
  const bars = spans.map((bar) => {
    const free = rowEnds.findIndex((end) => end <= bar.fromMs)
    const row = free === -1 ? Math.min(rowEnds.length, MOST_ROWS - 1) : free
    rowEnds[row] = Math.max(rowEnds[row] ?? 0, bar.toMs)
    return { ...bar, row }
  })
  const name = runs.find((run) => run.agent_name !== undefined)?.agent_name ?? agent_id
  return {
    agent_id,
    name,
    rows: Math.max(1, rowEnds.length),
    live: bars.filter((bar) => bar.live).length,
    bars,
  }
}

function span(run: RunSummary, fromMs: number, nowMs: number): Omit<LaneBar, "row">[] {
  const started = timeMs(run.started_at)
  const live = run.status === "in_progress"
  const ended = live ? nowMs : (timeMs(run.ended_at) ?? started)
  if (started === undefined || ended === undefined || ended < fromMs || started > nowMs) return []
  return [
    {
      run_id: run.run_id,
      fromMs: Math.max(started, fromMs),
      toMs: Math.min(Math.max(ended, started), nowMs),
      live,
      waiting: live && run.activity?.waiting_for !== undefined,
      outcome: outcomeClass(run),
    },
  ]
}
