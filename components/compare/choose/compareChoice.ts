import { createStore } from "zustand/vanilla"
import { compareHref } from "@/components/compare/compareAddress"

/** The run that was chosen first in a list, until the second one is. */
export type CompareChoice = { first: { runId: string; intent: string } | undefined }

export const compareChoice = createStore<CompareChoice>(() => ({ first: undefined }))

/**
 * Takes up a run that was pointed at: the first one is kept, the same one once more is let go, and with a second one it
 * returns the address that compares both.
 */
export function chooseToCompare(runId: string, intent: string): string | undefined {
  const { first } = compareChoice.getState()
  if (first === undefined) {
    compareChoice.setState({ first: { runId, intent } })
    return undefined
  }
  compareChoice.setState({ first: undefined })
  return first.runId === runId ? undefined : compareHref({ a: first.runId, b: runId })
}
