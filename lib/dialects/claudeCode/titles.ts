import { asText } from "@/lib/dialects/json"
import type { ClaudeCodeState } from "./state"

const RANKS = { custom: 3, ai: 2, process: 1 } as const

/** Stores a title, unless it or a better one is already known. Returns the title if it was stored. */
export function takeTitle(
  state: ClaudeCodeState,
  title: unknown,
  by: keyof typeof RANKS,
): string | undefined {
  const text = asText(title)
  const rank = RANKS[by]
  const known = state.title
  if (text === undefined || (known !== undefined && (known.rank > rank || known.text === text)))
    return undefined
  state.title = { text, rank }
  return text
}
