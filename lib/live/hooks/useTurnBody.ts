"use client"

import { useCallback, useEffect, useSyncExternalStore } from "react"
import type { TurnBodyState } from "@/lib/live/run/FollowState"
import { useFollowedRun } from "./useFollowedRun"

const LOADING: TurnBodyState = { state: "loading" }

/**
 * Returns a turn's body: from the live stream if it is still cached, else fetched with its neighbors. `whole` is true
 * if it was loaded without cuts (`useFollowedRun(runId).loadWhole(index)`); `turn.truncated` lists the cuts.
 */
export function useTurnBody(runId: string, index: number): TurnBodyState {
  const followed = useFollowedRun(runId)
  useEffect(() => followed.retain(), [followed])
  useEffect(() => followed.requestBody(index), [followed, index])
  const subscribe = useCallback((listener: () => void) => followed.onBody(index, listener), [followed, index])
  return useSyncExternalStore(
    subscribe,
    () => followed.body(index),
    () => LOADING,
  )
}
