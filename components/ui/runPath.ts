import { pagePath } from "@/lib/live/pagePath"

/** Returns the path of a run's page, or of a turn in it. */
export function runPath(runId: string, turn?: number): string {
  const path = pagePath(`/runs/${encodeURIComponent(runId)}`)
  return turn === undefined ? path : `${path}?turn=${turn}`
}
