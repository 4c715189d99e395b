"use client"

import { useMemo, useRef } from "react"
import { useServerNow } from "@/lib/live/hooks/useConnection"
import type { RunSummary } from "@/lib/protocol/run"
import { type Lane, laneLayout } from "@/lib/timeline/lanes/laneLayout"

/** The lanes of what was going on in the range. While `hold` (the mouse is over them) no lane changes its place. */
export function useLanes(runs: readonly RunSummary[], rangeMs: number, hold: boolean): readonly Lane[] {
  // What left the range leaves the lanes within a quarter of a minute; before, it is cut at the edge.
  const now = useServerNow(15_000)
  const order = useRef<readonly string[]>([])
  return useMemo(() => {
    const lanes = laneLayout(
      runs.filter((run) => run.ended_at === undefined || Date.parse(run.ended_at) >= now - rangeMs),
    )
    const placed = hold ? inOrder(lanes, order.current) : lanes
    order.current = placed.map((lane) => lane.agentId)
    return placed
  }, [runs, now, rangeMs, hold])
}

/** Lanes as they stood before; new ones at the end. */
function inOrder(lanes: readonly Lane[], order: readonly string[]): Lane[] {
  const places = new Map(order.map((agentId, place) => [agentId, place]))
  const place = (lane: Lane) => places.get(lane.agentId) ?? order.length
  return [...lanes].sort((a, b) => place(a) - place(b))
}
