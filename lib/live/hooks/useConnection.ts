"use client"

import { useCallback, useSyncExternalStore } from "react"
import { useStore } from "zustand"
import type { ConnectionPhase, Session } from "@/lib/live/connection/ConnectionState"
import { useLive } from "@/lib/live/LiveProvider"

/** Returns the phase of the connection. */
export function useConnection(): ConnectionPhase {
  return useStore(useLive().connection, (state) => state.phase)
}

/** Returns what the signed-in token allows, or undefined until known. */
export function useSession(): Session | undefined {
  return useStore(useLive().connection, (state) => state.session)
}

/**
 * Returns the server time in milliseconds since 1970, rounded down to a multiple of `stepMs`, and updated when it
 * passes the next multiple. All callers share one ticker, which pauses while the tab is hidden. 0 before the page is
 * mounted.
 */
export function useServerNow(stepMs = 1_000): number {
  const live = useLive()
  const subscribe = useCallback((listener: () => void) => live.onTick(stepMs, listener), [live, stepMs])
  const read = () => Math.floor(live.serverNow() / stepMs) * stepMs
  return useSyncExternalStore(subscribe, read, () => 0)
}
