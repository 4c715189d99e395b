import { createStore } from "zustand/vanilla"
import { compareHref } from "@/components/compare/compareAddress"

/** The first run chosen for comparison, until the second one is chosen. */
export type CompareChoice = { first: { runId: string; intent: string } | undefined }

export const compareChoice = createStore<CompareChoice>(() => ({ first: undefined }))

/**
 * Chooses a run for comparison. Choosing the same run again deselects it.
 *
 * @returns the URL of the comparison once a second run is chosen.
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
