import type { TurnSearchHit } from "@/lib/protocol/catalog"
import { findPlaces, type TextRange } from "@/lib/trace/search/findPlaces"
import { foldText, shownText } from "@/lib/trace/search/foldText"
import { excerptOf, groupPlaces } from "./excerptOf"
import { turnTexts } from "./turnTexts"

/** The maximum number of matches of a term in one turn. */
const PLACES_PER_TURN = 1_000

type FoundText = { text: string; field: string; places: TextRange[][] }

/** The hits in a turn. `isCut`: there may be more. `hits` creates the hits, which takes longer than counting them. */
export type FoundTurn = { count: number; isCut: boolean; hits(index: number): TurnSearchHit[] }

/**
 * Finds the hits in a turn; undefined unless the turn has all folded terms. The hits are the matches of the term with
 * the fewest matches in the turn. Matches in the same excerpt count as one hit.
 */
export function findInTurn(turn: unknown, terms: readonly string[]): FoundTurn | undefined {
  const totals = terms.map(() => 0)
  const found: FoundText[] = []
  for (const entry of turnTexts(turn)) {
    const text = shownText(entry.text)
    const places = placesIn(foldText(text), terms, totals)
    if (places !== undefined) found.push({ text, field: entry.field, places })
  }
  const fewest = Math.min(...totals)
  if (fewest === 0) return undefined
  const rarest = totals.indexOf(fewest)
  const groups = found.map(({ places }) => groupPlaces(places[rarest] ?? []))
  return {
    count: groups.reduce((sum, { length }) => sum + length, 0),
    isCut: fewest >= PLACES_PER_TURN,
    hits: (index) =>
      found.flatMap(({ text, field, places }, at) =>
        (groups[at] ?? []).flatMap(([first]) =>
          first === undefined ? [] : [{ index, field, ...excerptOf(text, first, places.flat()) }],
        ),
      ),
  }
}

/** Returns the matches of each term in a string; undefined if there are none. Adds their numbers to `totals`. */
function placesIn(folded: string, terms: readonly string[], totals: number[]): TextRange[][] | undefined {
  let isFound = false
  const places = terms.map((term, at) => {
    const found = findPlaces(folded, term, PLACES_PER_TURN - (totals[at] ?? 0))
    totals[at] = (totals[at] ?? 0) + found.length
    if (found.length > 0) isFound = true
    return found
  })
  return isFound ? places : undefined
}
