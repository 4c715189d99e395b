"use client"

import { createContext, type ReactNode, useContext } from "react"
import { findMatches } from "./findMatches"

const NO_TERMS: readonly string[] = []
const SearchTermsContext = createContext<readonly string[]>(NO_TERMS)

/** The terms that are marked in every text below. */
export function SearchTermsProvider({ terms, children }: { terms: readonly string[]; children: ReactNode }) {
  return <SearchTermsContext value={terms}>{children}</SearchTermsContext>
}

/** The terms of the current search; none outside a provider. */
export function useSearchTerms(): readonly string[] {
  return useContext(SearchTermsContext)
}

/** A text with the terms of the current search marked. */
export function Marked({ text }: { text: string }): ReactNode {
  return markMatches(text, useSearchTerms())
}

/** The text as React nodes, with `<mark>` around each match. */
function markMatches(text: string, terms: readonly string[]): ReactNode {
  const matches = findMatches(text, terms)
  if (matches.length === 0) return text
  const nodes: ReactNode[] = []
  let end = 0
  for (const { from, to } of matches) {
    if (from > end) nodes.push(text.slice(end, from))
    nodes.push(
      <mark key={from} className="rounded-[2px] bg-waiting/40 text-inherit">
        {text.slice(from, to)}
      </mark>,
    )
    end = to
  }
  if (end < text.length) nodes.push(text.slice(end))
  return nodes
}
