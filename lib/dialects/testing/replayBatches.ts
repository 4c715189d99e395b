import type { Operation } from "@/lib/dialects/operations"
import type { Reducer } from "@/lib/dialects/Reducer"

export type TimedOperation = Operation & { at: number }

/** Longer than any deadline of a dialect, ms. */
const UNTIL_MS = 3_600_000

/** Feeds batches to a reducer at their times (ms), then advances through all deadlines, up to an hour after time 0. */
export function replayBatches<State, Batch>(
  reducer: Reducer<State, Batch>,
  batches: readonly (readonly [at: number, batch: Batch])[],
): TimedOperation[] {
  const state = reducer.initial()
  const operations: TimedOperation[] = []
  const advanceTo = (time: number) => {
    for (let at = reducer.nextDue?.(state); at !== undefined && at <= time; at = reducer.nextDue?.(state)) {
      for (const operation of reducer.advance?.(state, at).operations ?? [])
        operations.push({ ...operation, at })
    }
  }
  for (const [at, batch] of batches) {
    advanceTo(at)
    for (const operation of reducer.reduce(state, batch, at).operations) operations.push({ ...operation, at })
  }
  advanceTo(UNTIL_MS)
  return operations
}
