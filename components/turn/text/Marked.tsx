"use client"

import { createContext, Fragment, type ReactNode, useContext } from "react"
import { findMatches } from "./findMatches"
import { isolatePaths } from "./isolatePaths"

const NO_TERMS: readonly string[] = []
const SearchTermsContext = createContext<readonly string[]>(NO_TERMS)

/** Provides the terms to mark in all text below. */
export function SearchTermsProvider({ terms, children }: { terms: readonly string[]; children: ReactNode }) {
  return <SearchTermsContext value={terms}>{children}</SearchTermsContext>
}

/** Returns the terms of the current search, or none outside a provider. */
export function useSearchTerms(): readonly string[] {
  return useContext(SearchTermsContext)
}

/** Text with the terms of the current search marked. In right-to-left text, paths are kept left to right. */
export function Marked({ text }: { text: string }): ReactNode {
  const terms = useSearchTerms()
  const parts = isolatePaths(text)
  if (parts.length === 1) return markMatches(text, terms)
  return parts.map((part, at) => {
    const marked = markMatches(part.text, terms)
    // biome-ignore lint/suspicious/noArrayIndexKey: parts are identified by their order; the text never changes
    if (!part.isPath) return <Fragment key={at}>{marked}</Fragment>
    return (
      // biome-ignore lint/suspicious/noArrayIndexKey: see above
      <bdi key={at} dir="ltr">
        {marked}
      </bdi>
    )
  })
}

/** Returns the text as React nodes, with `<mark>` around each match. */
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
