"use client"

import { useSearchParams } from "next/navigation"
import { useCallback, useMemo } from "react"
import { useServerNow } from "@/lib/live/hooks/useConnection"
import { pagePath } from "@/lib/live/pagePath"
import type { RunFilter } from "@/lib/protocol/commands"
import { filterToParams } from "@/lib/protocol/runFilterParams"
import type { PageFilter, RunOrder } from "./PageFilter"
import { filterProblems, readView } from "./readView"

export type RunFilterUse = {
  filter: PageFilter
  /** The filter in the protocol's form. */
  wire: RunFilter
  /** Undefined: by sections. */
  order: RunOrder | undefined
  /** Descriptions of invalid parts of the URL. */
  problems: readonly string[]
  /** Changes the filter in the URL. `replace` adds no history entry, for text that is being typed. */
  set: (next: PageFilter, how?: "push" | "replace") => void
  setOrder: (order: RunOrder | undefined) => void
}

/** Returns the filter and order in the URL, so that a link shows the same list to everyone. */
export function useRunFilter(): RunFilterUse {
  const params = useSearchParams()
  const midnight = useMidnight()
  const { filter, order } = useMemo(() => readView(params), [params])
  const problems = useMemo(() => filterProblems(params), [params])
  const wire = useMemo(() => toWire(filter, midnight), [filter, midnight])
  const set = useCallback((next: PageFilter, how: "push" | "replace" = "push") => {
    const { today, ...rest } = next
    const query = filterToParams(rest)
    if (today) query.set("failed", "today")
    const current = new URLSearchParams(location.search)
    for (const name of ["sort", "order", "range"]) keep(current, query, name)
    navigate(query, how)
  }, [])
  const setOrder = useCallback((next: RunOrder | undefined) => {
    const query = new URLSearchParams(location.search)
    query.delete("sort")
    query.delete("order")
    if (next !== undefined) query.set("sort", next.sort)
    if (next?.order === "asc") query.set("order", "asc")
    navigate(query, "push")
  }, [])
  return { filter, wire, order, problems, set, setOrder }
}

function keep(from: URLSearchParams, to: URLSearchParams, name: string): void {
  const value = from.get(name)
  if (value !== null) to.set(name, value)
}

function navigate(query: URLSearchParams, how: "push" | "replace"): void {
  const address = pagePath(query.size > 0 ? `/?${query}` : "/")
  if (how === "push") window.history.pushState(null, "", address)
  else window.history.replaceState(null, "", address)
}

// Later than the start of any run. A failed run has ended, so "overlaps midnight to then" means "ended since midnight".
const NEVER = "9999-12-31T00:00:00.000Z"

function toWire({ today, ...filter }: PageFilter, midnight: string): RunFilter {
  return today ? { ...filter, overlaps: { from: midnight, to: NEVER } } : filter
}

/** Returns the viewer's last midnight by the server's clock, as an ISO time. */
function useMidnight(): string {
  const now = useServerNow(60_000)
  const date = new Date(now)
  date.setHours(0, 0, 0, 0)
  return date.toISOString()
}
