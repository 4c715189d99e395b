import type { RunSummary } from "@/lib/protocol/run"

/** Returns what deleting the selected runs affects. Only ended runs can be deleted. */
export function deletionOf(
  selected: readonly string[],
  byId: ReadonlyMap<string, RunSummary>,
): { runIds: string[]; turns: number; skipped: number } {
  const runs = selected.flatMap((id) => byId.get(id) ?? [])
  const ended = runs.filter((run) => run.status !== "in_progress")
  return {
    runIds: ended.map((run) => run.run_id),
    turns: ended.reduce((sum, run) => sum + run.cursor, 0),
    skipped: runs.length - ended.length,
  }
}
