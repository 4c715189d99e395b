/** With more terms than this, the pre-filter would cost more time than it saves. */
const MAX_TERMS = 3
const PRINTABLE = /^[\x20-\x7e]+$/
const ASCII = /^[\0-\x7f]*$/

/**
 * Returns a cheap pre-filter on a turn's JSON, to apply before parsing it. A turn can only have the folded terms if its
 * JSON contains `coded`, or if it contains all of `ascii` (ignoring case) and, if `wide`, non-ASCII characters.
 */
export function mayHaveTerms(terms: readonly string[]): { ascii: string[]; wide: boolean; coded: string } {
  const ascii = terms.filter((term) => PRINTABLE.test(term)).sort((a, b) => b.length - a.length)
  return {
    ascii: ascii.slice(0, MAX_TERMS).map((term) => JSON.stringify(term).slice(1, -1)),
    // A lone surrogate is escaped in JSON, but is U+FFFD in a folded term.
    wide: terms.some((term) => !ASCII.test(term) && !term.includes("\ufffd")),
    coded: "\\u001b",
  }
}
