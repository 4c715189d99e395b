"use client"

import { useEffect, useState } from "react"
import { useConnection } from "@/lib/live/hooks/useConnection"
import { useLive } from "@/lib/live/LiveProvider"
import type { RunSummary } from "@/lib/protocol/run"

const MAX_RUNS = 40
const NONE: readonly RunSummary[] = []

/** Returns the newest runs of an agent, followed by the newest runs of all agents. They are loaded once per agent. */
export function useLikelyRuns(agentId: string | undefined): readonly RunSummary[] {
  const live = useLive()
  const isConnected = useConnection() === "live"
  const [runs, setRuns] = useState(NONE)
  useEffect(() => {
    if (!isConnected) return
    let isCurrent = true
    const load = async () => {
      const filters = agentId === undefined ? [{}] : [{ agent_id: agentId }, {}]
      const pages = await Promise.all(
        filters.map((filter) => live.request("runs.list", { ...filter, limit: MAX_RUNS })),
      )
      if (isCurrent) setRuns(pages.flatMap((page) => (page.ok ? page.runs : [])))
    }
    void load()
    return () => {
      isCurrent = false
    }
  }, [live, isConnected, agentId])
  return runs
}
