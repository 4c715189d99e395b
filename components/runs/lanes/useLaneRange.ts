"use client"

import { useSearchParams } from "next/navigation"
import { useCallback } from "react"

const MINUTE_MS = 60_000

/** How far back the lanes go. */
export const RANGES = [
  { id: "5m", label: "5m", ms: 5 * MINUTE_MS },
  { id: "15m", label: "15m", ms: 15 * MINUTE_MS },
  { id: "1h", label: "1h", ms: 60 * MINUTE_MS },
  { id: "6h", label: "6h", ms: 360 * MINUTE_MS },
  { id: "24h", label: "24h", ms: 1_440 * MINUTE_MS },
  { id: "7d", label: "7d", ms: 10_080 * MINUTE_MS },
] as const
type RangeId = (typeof RANGES)[number]["id"]

const DEFAULT_RANGE = RANGES[1]

export type LaneRange = { id: RangeId; ms: number; pick: (id: RangeId) => void }

/** Returns the range in the URL; 15 minutes by default. */
export function useLaneRange(): LaneRange {
  const wanted = useSearchParams().get("range")
  const range = RANGES.find((it) => it.id === wanted) ?? DEFAULT_RANGE
  const pick = useCallback((id: RangeId) => {
    const url = new URL(location.href)
    if (id === DEFAULT_RANGE.id) url.searchParams.delete("range")
    else url.searchParams.set("range", id)
    window.history.replaceState(null, "", url.pathname + url.search)
  }, [])
  return { id: range.id, ms: range.ms, pick }
}
