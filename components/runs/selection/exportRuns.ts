const PAUSE_MS = 300

/** Downloads the trace of each run as JSON Lines, one after the other, because browsers drop simultaneous downloads. */
export async function exportRuns(runIds: readonly string[]): Promise<void> {
  for (const [at, runId] of runIds.entries()) {
    if (at > 0) await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
    const link = document.createElement("a")
    link.href = `/api/runs/${encodeURIComponent(runId)}/export?format=jsonl`
    link.download = ""
    link.click()
  }
}
