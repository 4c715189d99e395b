import type { RunSummary } from "@/lib/protocol/run"
import { outcomeOf } from "@/lib/trace/state/runState"

/** Attributes by which tests and scripts find a run's row. */
export function runAttributes(run: RunSummary, state: string, section: string) {
  const trouble = run.trouble?.map(({ kind }) => kind).join(" ")
  return {
    "data-run-id": run.run_id,
    "data-state": state,
    "data-outcome": outcomeOf(run),
    "data-cursor": run.cursor,
    "data-section": section,
    "data-trouble": trouble || undefined,
    "data-errors": run.totals.errors,
  }
}
