"use client"

import { useCallback, useSyncExternalStore } from "react"
import { useLive } from "@/lib/live/LiveProvider"
import type { RunSummary } from "@/lib/protocol/run"
import { type RunState, runState } from "@/lib/trace/state/runState"

/** Returns the name of a run's state, for `data-state`. Re-renders only when it changes. */
export function useStateName(run: RunSummary): RunState["state"] {
  const live = useLive()
  const subscribe = useCallback((listener: () => void) => live.onTick(1_000, listener), [live])
  return useSyncExternalStore(
    subscribe,
    () => runState(run, live.serverNow()).state,
    () => "working",
  )
}
