import type { DialectProgress, Operation, RunKey, WaitOperation } from "./operations"

type Waiting = WaitOperation["waiting"]

/** Progress and waiting as last emitted, to emit only changes. */
export type ShownActivity = { shownProgress: string; shownWaiting: string }

export const NEXT_PROMPT: Waiting = { for: "the next prompt", kind: "prompt" }

/** Returns operations for the parts of a run's activity that have changed, and records these parts in `shown`. */
export function activityOperations(
  shown: ShownActivity,
  key: RunKey,
  progress: DialectProgress | null,
  waiting: Waiting,
): Operation[] {
  const operations: Operation[] = []
  const shownProgress = progress === null ? "" : signature(progress)
  if (shownProgress !== shown.shownProgress) {
    shown.shownProgress = shownProgress
    operations.push({ op: "progress", key, progress })
  }
  const shownWaiting = waiting === null ? "" : `${waiting.kind} ${waiting.for}`
  if (shownWaiting !== shown.shownWaiting) {
    shown.shownWaiting = shownWaiting
    operations.push({ op: "wait", key, waiting })
  }
  return operations
}

/** Identifies progress without comparing megabytes of text. */
function signature({ kind, tool, started_at, text }: DialectProgress): string {
  return [kind, tool, started_at, text?.length].join(" ")
}
