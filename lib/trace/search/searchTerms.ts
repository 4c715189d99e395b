import { foldText, shownText } from "./foldText"

const TERM = /"(.+?)"(?=\s|$)|"(.+)$|(\S+)/gsu

/**
 * The terms of a query: words, and phrases in quotation marks, as they were written. A quotation mark within a word
 * is part of it, so that code can be searched for; a phrase that isn't closed ends with the query.
 */
export function searchTerms(query: string): string[] {
  const terms = [...query.matchAll(TERM)].map(([, phrase, open, word]) => phrase ?? open ?? word ?? "")
  return [...new Set(terms.map((term) => term.trim()).filter((term) => term !== ""))]
}

/** The terms in the form in which they are compared with texts, each once. */
export function foldedTerms(query: string): string[] {
  return [...new Set(searchTerms(query).map((term) => foldText(shownText(term))))].filter(
    (term) => term !== "",
  )
}
