/** A match as UTF-16 offsets: `[from, to)`. */
export type TextMatch = { readonly from: number; readonly to: number }

const MAX_MATCHES = 2_000

let cached: { terms: readonly string[]; pattern: RegExp } | undefined

function patternOf(terms: readonly string[]): RegExp {
  if (cached?.terms === terms) return cached.pattern
  // Longer terms come first, so that of two terms with the same start, the longer one is marked.
  const forms = terms.flatMap((term) => [term, term.normalize("NFC"), term.normalize("NFD")])
  const sources = [...new Set(forms)].sort((a, b) => b.length - a.length).map(escaped)
  const pattern = new RegExp(sources.join("|"), "giu")
  cached = { terms, pattern }
  return pattern
}

// With the `u` flag, only these characters may be escaped.
function escaped(term: string): string {
  return term.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&")
}

/** Finds the terms in a string, ignoring case. Returns at most 2,000 matches, in order, without overlaps. */
export function findMatches(text: string, terms: readonly string[]): TextMatch[] {
  if (terms.length === 0 || text === "") return []
  const matches: TextMatch[] = []
  for (const match of text.matchAll(patternOf(terms))) {
    matches.push({ from: match.index, to: match.index + match[0].length })
    if (matches.length === MAX_MATCHES) break
  }
  return matches
}
