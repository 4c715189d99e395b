import type { TurnSearchHit } from "@/lib/protocol/catalog"
import { findMatches } from "./findMatches"

/** The text around a search hit, as the server quotes it. */
export type HitExcerpt = Pick<TurnSearchHit, "excerpt" | "ranges">

/**
 * Returns the offset of a hit in a string: that of its excerpt, or else of the first match. Undefined if there is
 * neither.
 */
export function hitOffset(text: string, hit: HitExcerpt, terms: readonly string[]): number | undefined {
  const [[start] = [0]] = hit.ranges
  const lead = hit.excerpt.startsWith("…") ? 1 : 0
  const quoted = hit.excerpt.slice(lead, hit.excerpt.endsWith("…") ? -1 : undefined)
  const at = quoted === "" ? -1 : text.indexOf(quoted)
  return at >= 0 ? at + start - lead : findMatches(text, terms)[0]?.from
}
