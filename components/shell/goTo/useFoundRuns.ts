"use client"

import { useEffect, useState } from "react"
import { useLive } from "@/lib/live/LiveProvider"
import type { RunSummary } from "@/lib/protocol/run"

const DEBOUNCE_MS = 150
const NONE: readonly RunSummary[] = []

/**
 * Returns runs from the server's search, or the newest runs for an empty query. Debounced; stale replies are dropped.
 */
export function useFoundRuns(query: string): { runs: readonly RunSummary[]; searching: boolean } {
  const live = useLive()
  const [reply, setReply] = useState<{ query: string; runs: readonly RunSummary[] }>()
  const wanted = query.trim()
  useEffect(() => {
    let isCurrent = true
    const search = async () => {
      const found = await live.searchRuns(wanted)
      if (isCurrent) setReply({ query: wanted, runs: found.ok ? found.runs : NONE })
    }
    const timer = setTimeout(search, wanted === "" ? 0 : DEBOUNCE_MS)
    return () => {
      isCurrent = false
      clearTimeout(timer)
    }
  }, [live, wanted])
  const isReady = reply?.query === wanted
  return { runs: isReady ? reply.runs : NONE, searching: !isReady }
}
