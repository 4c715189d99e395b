"use client"

import { useSearchParams } from "next/navigation"
import { useCallback, useMemo } from "react"
import { type CompareAddress, compareHref, readCompareAddress } from "./compareAddress"

/** Returns the state in the URL. `replace` adds no history entry. */
export function useCompareAddress(): {
  address: CompareAddress
  go: (next: CompareAddress, how?: "push" | "replace") => void
} {
  const params = useSearchParams()
  const address = useMemo(() => readCompareAddress(params), [params])
  const go = useCallback((next: CompareAddress, how: "push" | "replace" = "push") => {
    if (how === "push") window.history.pushState(null, "", compareHref(next))
    else if (compareHref(next) !== location.pathname + location.search)
      window.history.replaceState(null, "", compareHref(next))
  }, [])
  return { address, go }
}
