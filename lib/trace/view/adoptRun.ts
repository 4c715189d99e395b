import { LIMITS } from "@/lib/protocol/limits"
import type { Progress, RunActivity, RunSummary } from "@/lib/protocol/run"
import type { RunView } from "./RunView"
import { raise } from "./takeTurns"

/**
 * Takes over the run's own data as the server tells it. While the turns before an end are missing, a run that was seen
 * in progress stays so: its end shows only with its last turn.
 */
export function adoptRun(view: RunView, run: RunSummary): RunView {
  // An end stands: a summary from before it is late.
  if (view.ended !== undefined && run.status === "in_progress") return view
  const older = view.run !== undefined && run.cursor < view.summedTo
  const shown = view.ended === undefined ? unended(view.run, run) : run
  const next: RunView = {
    ...view,
    run: older ? { ...shown, ...sums(view.run) } : shown,
    summedTo: older ? view.summedTo : run.cursor,
    progress: run.connected ? view.progress : undefined,
  }
  return raise(next, run.cursor)
}

/** What turns have brought further than an older summary says. */
function sums(run: RunSummary | undefined): Partial<RunSummary> {
  if (run === undefined) return {}
  const { cursor, totals, last_turn_at } = run
  return { cursor, totals, ...(last_turn_at !== undefined && { last_turn_at }) }
}

function unended(known: RunSummary | undefined, run: RunSummary): RunSummary {
  if (known?.status !== "in_progress" || run.status === "in_progress") return run
  const { termination, ended_at, ...rest } = run
  return { ...rest, status: "in_progress", connected: known.connected }
}

/** The run's data with what it does now in short, so that its state follows the progress between two summaries. */
export function withActivity(run: RunSummary, progress: Progress, heardAtMs: number | undefined): RunSummary {
  const heardAt = heardAtMs === undefined ? undefined : new Date(heardAtMs).toISOString()
  const since = progress.started_at ?? run.activity?.since ?? heardAt ?? run.last_turn_at ?? run.started_at
  const activity: RunActivity = {
    since,
    ...(progress.kind !== undefined && { kind: progress.kind }),
    ...(progress.tool !== undefined && { tool: progress.tool }),
    ...(progress.text !== undefined && { text: progress.text.slice(-LIMITS.activityTextChars) }),
    ...(progress.waiting_for !== undefined && { waiting_for: progress.waiting_for }),
  }
  return { ...run, activity, ...(heardAt !== undefined && { last_seen_at: heardAt }) }
}

/** The run's data with nothing under way. */
export function withoutActivity(run: RunSummary): RunSummary {
  if (run.activity === undefined) return run
  const { activity, ...rest } = run
  return rest
}
