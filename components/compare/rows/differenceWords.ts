import type { TurnDifference } from "@/lib/timeline/compare/compareTurns"

/** Each difference in a word or two for a row, and in a few for a count; the colour only repeats it. */
export const DIFFERENCE_WORDS: Record<TurnDifference, { mark: string; count: string; colour: string }> = {
  only_a: { mark: "only A", count: "only in A", colour: "text-failure" },
  only_b: { mark: "only B", count: "only in B", colour: "text-success" },
  parameters: { mark: "parameters", count: "other parameters", colour: "text-waiting" },
  error: { mark: "error", count: "an error on one side", colour: "text-error" },
  words: { mark: "words", count: "other words", colour: "text-ink-3" },
  output: { mark: "output", count: "other output", colour: "text-ink-3" },
}

/** In the order of their weight. */
export const DIFFERENCES = Object.keys(DIFFERENCE_WORDS) as TurnDifference[]
