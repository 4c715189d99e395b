import { LIMITS } from "@/lib/protocol/limits"
import type { Progress, RunActivity, RunSummary } from "@/lib/protocol/run"
import { runStage, withoutEnd } from "@/lib/trace/state/runStage"
import type { RunView } from "./RunView"
import { raise } from "./takeTurns"

/**
 * Adopts a run's summary from the server. If turns before the run's end are missing, a run that was in progress stays
 * in progress: its end is shown only with its last turn. A summary from before a known end is stale; a summary from
 * after that end means that the run was reopened.
 */
export function adoptRun(view: RunView, run: RunSummary): RunView {
  const stage = runStage(run)
  if (stage < stageOf(view)) return view
  const isReopened = view.ended !== undefined && view.run !== undefined && stage > runStage(view.run)
  const open =
    isReopened || isPast(view.endAhead, stage) ? { ...view, ended: undefined, endAhead: undefined } : view
  const older = view.run !== undefined && run.cursor < view.summedTo
  const isEndHidden = open.ended === undefined && (isReopened || view.run?.status === "in_progress")
  const shown =
    isEndHidden && run.status !== "in_progress" ? withoutEnd(run, view.run?.connected === true) : run
  const next: RunView = {
    ...open,
    run: older ? { ...shown, ...sums(view.run) } : shown,
    summedTo: older ? view.summedTo : run.cursor,
    progress: run.connected ? view.progress : undefined,
  }
  return raise(next, run.cursor)
}

/** Returns the values of a summary that turns update, to override those of an older summary. */
function sums(run: RunSummary | undefined): Partial<RunSummary> {
  if (run === undefined) return {}
  const { cursor, totals, last_turn_at } = run
  return { cursor, totals, ...(last_turn_at !== undefined && { last_turn_at }) }
}

/** Returns the latest stage that a view knows of. */
function stageOf({ run, endAhead }: RunView): number {
  return Math.max(run === undefined ? 0 : runStage(run), endAhead === undefined ? 0 : runStage(endAhead.run))
}

function isPast(end: RunView["endAhead"], stage: number): boolean {
  return end !== undefined && stage > runStage(end.run)
}

/** Adds a summary of the progress to a run, so that its state follows the progress between two summaries. */
export function withActivity(
  run: RunSummary,
  progress: Progress,
  receivedAtMs: number | undefined,
): RunSummary {
  const receivedAt = receivedAtMs === undefined ? undefined : new Date(receivedAtMs).toISOString()
  const since = progress.started_at ?? run.activity?.since ?? receivedAt ?? run.last_turn_at ?? run.started_at
  const activity: RunActivity = {
    since,
    ...(progress.kind !== undefined && { kind: progress.kind }),
    ...(progress.tool !== undefined && { tool: progress.tool }),
    ...(progress.text !== undefined && { text: progress.text.slice(-LIMITS.activityTextChars) }),
    ...(progress.waiting_for !== undefined && { waiting_for: progress.waiting_for }),
  }
  return { ...run, activity, ...(receivedAt !== undefined && { last_seen_at: receivedAt }) }
}

/** Returns a run without its activity. */
export function withoutActivity(run: RunSummary): RunSummary {
  if (run.activity === undefined) return run
  const { activity, ...rest } = run
  return rest
}
