import { searchTerms } from "@/lib/trace/search/searchTerms"

export type TextPart = { readonly text: string; readonly isHit: boolean }

const MAX_PARTS = 50

/**
 * Splits a string at the words and quoted phrases of a search, ignoring case. Together, the parts are the whole string.
 */
export function markHits(text: string, query: string): TextPart[] {
  const wanted = wantedTerms(query)
  if (wanted.length === 0) return [{ text, isHit: false }]
  const pattern = new RegExp(wanted.map(escapePattern).join("|"), "giu")
  const parts: TextPart[] = []
  let end = 0
  for (const match of text.matchAll(pattern)) {
    if (parts.length >= MAX_PARTS) break
    if (match.index > end) parts.push({ text: text.slice(end, match.index), isHit: false })
    parts.push({ text: match[0], isHit: true })
    end = match.index + match[0].length
  }
  if (end < text.length) parts.push({ text: text.slice(end), isHit: false })
  return parts
}

/** Returns the terms, longest first, so that a phrase is marked as a whole. */
function wantedTerms(query: string): string[] {
  const terms = [query.trim(), ...searchTerms(query)]
  return terms.filter(Boolean).sort((a, b) => b.length - a.length)
}

function escapePattern(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&")
}
