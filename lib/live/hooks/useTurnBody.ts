"use client"

import { useCallback, useEffect, useSyncExternalStore } from "react"
import type { TurnBodyState } from "@/lib/live/run/FollowState"
import { useFollowedRun } from "./useFollowedRun"

const LOADING: TurnBodyState = { state: "loading" }

/**
 * A turn's body: from the live stream if it is still held, else fetched with its neighbours. `whole` tells whether what
 * was cut for the wire has been loaded (`useFollowedRun(runId).loadWhole(index)`); `turn.truncated` says what is cut.
 */
export function useTurnBody(runId: string, index: number): TurnBodyState {
  const followed = useFollowedRun(runId)
  useEffect(() => followed.retain(), [followed])
  useEffect(() => followed.wantBody(index), [followed, index])
  const subscribe = useCallback((listener: () => void) => followed.onBody(index, listener), [followed, index])
  return useSyncExternalStore(
    subscribe,
    () => followed.body(index),
    () => LOADING,
  )
}
