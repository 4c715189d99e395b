import type { TurnDifference } from "@/lib/timeline/compare/compareTurns"

/** For each difference: its label in a row (`mark`), its label next to a number (`count`), and its colour. */
export const DIFFERENCE_WORDS: Record<TurnDifference, { mark: string; count: string; colour: string }> = {
  only_a: { mark: "only A", count: "only in A", colour: "text-failure" },
  only_b: { mark: "only B", count: "only in B", colour: "text-success" },
  parameters: { mark: "parameters", count: "different parameters", colour: "text-waiting" },
  error: { mark: "error", count: "failed on one side", colour: "text-error" },
  text: { mark: "message", count: "different messages", colour: "text-ink-3" },
  output: { mark: "output", count: "different outputs", colour: "text-ink-3" },
}

/** All differences, most important first. */
export const DIFFERENCES = Object.keys(DIFFERENCE_WORDS) as TurnDifference[]
