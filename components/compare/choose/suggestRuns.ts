import type { RunSummary } from "@/lib/protocol/run"

/**
 * Suggests runs to compare with another one, likeliest first: same intent, then same agent, then other runs, each group
 * newest first, without duplicates. Without another run, returns the newest runs.
 */
export function suggestRuns(known: readonly RunSummary[], other: RunSummary | undefined): RunSummary[] {
  const byId = new Map(known.map((run) => [run.run_id, run]))
  if (other !== undefined) byId.delete(other.run_id)
  const likeness = (run: RunSummary) => {
    if (other === undefined) return 0
    return (run.intent === other.intent ? 2 : 0) + (run.agent_id === other.agent_id ? 1 : 0)
  }
  return [...byId.values()].sort(
    (x, y) => likeness(y) - likeness(x) || y.started_at.localeCompare(x.started_at),
  )
}
