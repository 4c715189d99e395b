import type { TurnDifference } from "@/lib/timeline/compare/compareTurns"

/** For each difference: its label in a row (`mark`), its label next to a number (`count`), and its color. */
export const DIFFERENCE_WORDS: Record<TurnDifference, { mark: string; count: string; color: string }> = {
  only_a: { mark: "only A", count: "only in A", color: "text-failure" },
  only_b: { mark: "only B", count: "only in B", color: "text-success" },
  parameters: { mark: "parameters", count: "different parameters", color: "text-waiting" },
  error: { mark: "error", count: "failed on one side", color: "text-error" },
  text: { mark: "message", count: "different messages", color: "text-ink-3" },
  output: { mark: "output", count: "different outputs", color: "text-ink-3" },
}

/** All differences, most important first. */
export const DIFFERENCES = Object.keys(DIFFERENCE_WORDS) as TurnDifference[]
