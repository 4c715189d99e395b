"use client"

import { useSearchParams } from "next/navigation"
import { useCallback, useMemo } from "react"
import { useServerNow } from "@/lib/live/hooks/useConnection"
import type { RunFilter } from "@/lib/protocol/commands"
import { filterToParams, paramsToFilter } from "@/lib/protocol/runFilterParams"

/** What the page shows of all runs. `today`: only what failed and ended since the reader's midnight. */
export type PageFilter = Omit<RunFilter, "overlaps"> & { today?: true }

export type RunFilterUse = {
  filter: PageFilter
  /** The filter as the server takes it. */
  wire: RunFilter
  /** Puts another filter into the address. `replace` leaves no step to go back to: for words being typed. */
  set: (next: PageFilter, how?: "push" | "replace") => void
}

/** The filter in the address, which holds all of it: a link shows another reader the same. */
export function useRunFilter(): RunFilterUse {
  const params = useSearchParams()
  const midnight = useMidnight()
  const filter = useMemo<PageFilter>(() => {
    const known = paramsToFilter(params)
    return params.get("failed") === "today" ? { ...known, failed: true, today: true } : known
  }, [params])
  const wire = useMemo(() => toWire(filter, midnight), [filter, midnight])
  const set = useCallback((next: PageFilter, how: "push" | "replace" = "push") => {
    const { today, ...rest } = next
    const query = filterToParams(rest)
    if (today) query.set("failed", "today")
    // The range of the lanes is no part of the filter, and stays.
    const range = new URLSearchParams(location.search).get("range")
    if (range !== null) query.set("range", range)
    const address = query.size > 0 ? `/?${query}` : "/"
    if (how === "push") window.history.pushState(null, "", address)
    else window.history.replaceState(null, "", address)
  }, [])
  return { filter, wire, set }
}

// Later than any run's start: a run that failed has ended, so "overlaps midnight to then" is "ended since midnight".
const NEVER = "9999-12-31T00:00:00.000Z"

function toWire({ today, ...filter }: PageFilter, midnight: string): RunFilter {
  return today ? { ...filter, overlaps: { from: midnight, to: NEVER } } : filter
}

/** The reader's last midnight by the server's clock, as an ISO time. */
function useMidnight(): string {
  const now = useServerNow(60_000)
  const date = new Date(now)
  date.setHours(0, 0, 0, 0)
  return date.toISOString()
}

/** Whether nothing is filtered. */
export function isEmptyFilter(filter: PageFilter): boolean {
  return filterToParams(filter).size === 0
}
