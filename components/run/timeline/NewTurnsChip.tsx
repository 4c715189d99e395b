"use client"

import { ArrowDown } from "lucide-react"
import { useRunPageState, useRunPageStore } from "@/components/run/RunPageStoreProvider"
import { useTurnCount } from "@/lib/live/hooks/useFollowedRun"
import { grouped } from "@/lib/timeline/formatNumber"

/** Says how many turns came while following was paused; a click goes back to the live edge. */
export function NewTurnsChip() {
  const { reader, runId } = useRunPageStore()
  const cursor = useTurnCount(runId)
  const following = useRunPageState((state) => state.following)
  const rewound = useRunPageState((state) => state.at !== undefined)
  const pausedAt = useRunPageState((state) => state.pausedAt)
  const fresh = cursor - (pausedAt ?? cursor)
  if (following || rewound || fresh <= 0) return null
  return (
    <button
      type="button"
      onClick={reader.goLive}
      className="num absolute bottom-3 left-1/2 z-20 flex h-row -translate-x-1/2 items-center gap-1.5 rounded-full border border-line-strong bg-overlay px-3 font-medium text-accent shadow-float hover:border-accent"
    >
      {grouped(fresh)} new {fresh === 1 ? "turn" : "turns"}
      <ArrowDown className="size-3.5" aria-hidden="true" />
    </button>
  )
}
