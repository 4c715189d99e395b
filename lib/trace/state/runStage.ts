import type { RunSummary } from "@/lib/protocol/run"

/**
 * Orders the states of one run: 0 in progress, 1 ended, 2 reopened, 3 ended again, … A summary with a lower stage than
 * a known one is stale.
 */
export function runStage({ reopenings = 0, status }: Pick<RunSummary, "reopenings" | "status">): number {
  return reopenings * 2 + (status === "in_progress" ? 0 : 1)
}

/** Returns the run as it was while it was in progress. */
export function withoutEnd(run: RunSummary, connected: boolean): RunSummary {
  const { termination, ended_at, ...rest } = run
  return { ...rest, status: "in_progress", connected }
}
