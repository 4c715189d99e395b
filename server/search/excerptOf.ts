import { keepChars, keepLastChars } from "@/lib/trace/keepChars"
import { mergeRanges, type TextRange } from "@/lib/trace/search/findPlaces"

/** The length of an excerpt, unless the match is longer. */
const EXCERPT_CHARS = 200
/** The length of the part before the first match. */
const LEAD_CHARS = 60
const MIN_TAIL_CHARS = 40

export type Excerpt = { excerpt: string; ranges: TextRange[] }

/** Groups the matches in a string by the excerpt that shows them. */
export function groupPlaces(places: readonly TextRange[]): TextRange[][] {
  const groups: TextRange[][] = []
  let end = -1
  for (const place of places) {
    if (place[1] <= end) groups.at(-1)?.push(place)
    else {
      groups.push([place])
      end = windowOf(place)[1]
    }
  }
  return groups
}

/** Returns the text around a match, with the ranges of all matches in it. Doesn't split grapheme clusters. */
export function excerptOf(text: string, first: TextRange, places: readonly TextRange[]): Excerpt {
  const [from, to] = windowOf(first)
  const start = from === 0 ? 0 : first[0] - keepLastChars(text.slice(0, first[0]), first[0] - from).length
  const tail = keepChars(text.slice(first[1], to + LEAD_CHARS), Math.max(0, to - first[1]))
  const end = to >= text.length ? text.length : first[1] + tail.length
  const lead = start > 0 ? "…" : ""
  const shift = lead.length - start
  const shown = places.filter((place) => place[0] >= start && place[1] <= end)
  return {
    excerpt: `${lead}${text.slice(start, end)}${end < text.length ? "…" : ""}`,
    ranges: mergeRanges(shown).map(([a, b]) => [a + shift, b + shift]),
  }
}

function windowOf([start, end]: TextRange): TextRange {
  const from = Math.max(0, start - LEAD_CHARS)
  return [from, Math.max(from + EXCERPT_CHARS, end + MIN_TAIL_CHARS)]
}
