"use client"

import { useMemo, useRef } from "react"
import { useServerNow } from "@/lib/live/hooks/useConnection"
import type { RunSummary } from "@/lib/protocol/run"
import { type Lane, laneLayout } from "@/lib/timeline/lanes/laneLayout"

/** Returns the lanes of the runs that were active in the range. While held, the order of lanes doesn't change. */
export function useLanes(runs: readonly RunSummary[], rangeMs: number, isHeld: boolean): readonly Lane[] {
  // Runs that have left the range are removed within 15 s. Until then, they are clipped at the edge.
  const now = useServerNow(15_000)
  const order = useRef<readonly string[]>([])
  return useMemo(() => {
    const lanes = laneLayout(
      runs.filter((run) => run.ended_at === undefined || Date.parse(run.ended_at) >= now - rangeMs),
    )
    const placed = isHeld ? keepOrder(lanes, order.current) : lanes
    order.current = placed.map((lane) => lane.agentId)
    return placed
  }, [runs, now, rangeMs, isHeld])
}

/** Returns lanes in their previous order, followed by new ones. */
function keepOrder(lanes: readonly Lane[], order: readonly string[]): Lane[] {
  const places = new Map(order.map((agentId, place) => [agentId, place]))
  const place = (lane: Lane) => places.get(lane.agentId) ?? order.length
  return [...lanes].sort((a, b) => place(a) - place(b))
}
