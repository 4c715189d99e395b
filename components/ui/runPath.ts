/** The address of a run, and of a turn in it. */
export function runPath(runId: string, turn?: number): string {
  const path = `/runs/${encodeURIComponent(runId)}`
  return turn === undefined ? path : `${path}?turn=${turn}`
}
