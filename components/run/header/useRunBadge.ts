"use client"

import { replayCursor } from "@/components/run/createRunPageStore"
import { useRunPageState } from "@/components/run/RunPageStoreProvider"
import { useLiveBadge, useRunSummary } from "@/lib/live/hooks/useFollowedRun"
import type { LiveBadge } from "@/lib/trace/state/liveBadge"

/** Returns how complete and current the page is, including whether the viewer has paused or replays it. */
export function useRunBadge(runId: string): LiveBadge {
  const isPaused = useRunPageState(({ mode }) => mode.kind === "paused")
  const at = useRunPageState(replayCursor)
  const isInProgress = useRunSummary(runId)?.status === "in_progress"
  return useLiveBadge(runId, { paused: isInProgress && isPaused, at })
}
