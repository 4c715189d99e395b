"use client"

import { useRunPageState } from "@/components/run/RunPageStoreProvider"
import { useLiveBadge, useRunSummary } from "@/lib/live/hooks/useFollowedRun"
import type { LiveBadge } from "@/lib/trace/state/liveBadge"

/** How true the page is, with what the reader has paused or rewound. */
export function useRunBadge(runId: string): LiveBadge {
  const following = useRunPageState((state) => state.following)
  const at = useRunPageState((state) => state.at)
  const isLive = useRunSummary(runId)?.status === "in_progress"
  return useLiveBadge(runId, { paused: isLive && !following, at })
}
