"use client"

import { useEffect, useState } from "react"
import { useConnection } from "@/lib/live/hooks/useConnection"
import { useLive } from "@/lib/live/LiveProvider"
import type { RunSummary } from "@/lib/protocol/run"

const MOST = 40
const NONE: readonly RunSummary[] = []

/** The newest runs of an agent, and the newest of all; asked for once, and again for another agent. */
export function useLikelyRuns(agentId: string | undefined): readonly RunSummary[] {
  const live = useLive()
  const isUp = useConnection() === "live"
  const [runs, setRuns] = useState(NONE)
  useEffect(() => {
    if (!isUp) return
    let current = true
    const read = async () => {
      const filters = agentId === undefined ? [{}] : [{ agent_id: agentId }, {}]
      const pages = await Promise.all(
        filters.map((filter) => live.request("runs.list", { ...filter, limit: MOST })),
      )
      if (current) setRuns(pages.flatMap((page) => (page.ok ? page.runs : [])))
    }
    void read()
    return () => {
      current = false
    }
  }, [live, isUp, agentId])
  return runs
}
