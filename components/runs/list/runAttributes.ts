import type { RunSummary } from "@/lib/protocol/run"
import { outcomeOf } from "@/lib/trace/state/runState"

/** The attributes by which a run is found wherever it is shown. */
export function runAttributes(run: RunSummary, state: string) {
  return {
    "data-run-id": run.run_id,
    "data-state": state,
    "data-outcome": outcomeOf(run),
    "data-cursor": run.cursor,
  }
}

/** The address of a run's page, at a turn when one is given. */
export function runHref(runId: string, turn?: number): string {
  const page = `/runs/${encodeURIComponent(runId)}`
  return turn === undefined ? page : `${page}?turn=${turn}`
}
