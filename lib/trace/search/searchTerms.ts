import { foldText, shownText } from "./foldText"

const TERM = /"(.+?)"(?=\s|$)|"(.+)$|(\S+)/gsu

/**
 * Returns the terms of a query: words, and phrases in quotation marks, as written. A quotation mark within a word is
 * part of the word, so that code can be searched for. An unclosed phrase ends with the query.
 */
export function searchTerms(query: string): string[] {
  const terms = [...query.matchAll(TERM)].map(([, phrase, open, word]) => phrase ?? open ?? word ?? "")
  return [...new Set(terms.map((term) => term.trim()).filter((term) => term !== ""))]
}

/** Returns each term once, folded for comparison. */
export function foldedTerms(query: string): string[] {
  return [...new Set(searchTerms(query).map((term) => foldText(shownText(term))))].filter(
    (term) => term !== "",
  )
}
