/** More than these only slow a first look down. */
const MAX_TERMS = 3
const PRINTABLE = /^[\x20-\x7e]+$/
const ASCII = /^[\0-\x7f]*$/

/**
 * A first look at the JSON text of a turn, before it is parsed. A turn that has the terms (folded) either has all of
 * `ascii` in its lower-cased text, and characters beyond ASCII if `wide`, or it has `coded`.
 */
export function mayHaveTerms(terms: readonly string[]): { ascii: string[]; wide: boolean; coded: string } {
  const ascii = terms.filter((term) => PRINTABLE.test(term)).sort((a, b) => b.length - a.length)
  return {
    ascii: ascii.slice(0, MAX_TERMS).map((term) => JSON.stringify(term).slice(1, -1)),
    // Half a surrogate pair is escaped in JSON, and U+FFFD in a folded term.
    wide: terms.some((term) => !ASCII.test(term) && !term.includes("\ufffd")),
    coded: "\\u001b",
  }
}
