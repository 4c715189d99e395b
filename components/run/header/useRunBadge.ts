"use client"

import { useReaderState } from "@/components/run/RunPageStoreProvider"
import { useLiveBadge, useRunSummary } from "@/lib/live/hooks/useFollowedRun"
import type { LiveBadge } from "@/lib/trace/state/liveBadge"

/** How true the page is, with what the reader has paused or rewound. */
export function useRunBadge(runId: string): LiveBadge {
  const following = useReaderState((state) => state.following)
  const at = useReaderState((state) => state.at)
  const isLive = useRunSummary(runId)?.status === "in_progress"
  return useLiveBadge(runId, { paused: isLive && !following, at })
}
