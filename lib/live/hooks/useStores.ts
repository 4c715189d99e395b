"use client"

import { useCallback, useEffect, useRef, useSyncExternalStore } from "react"
import type { SharedStore } from "@/lib/live/Live"

/** Retains stores while mounted and re-renders when one of them changes. Returns a version for dependency lists. */
export function useStores(stores: readonly SharedStore<unknown>[]): number {
  const version = useRef(0)
  useEffect(() => {
    const releases = stores.map((one) => one.retain())
    return () => {
      for (const release of releases) release()
    }
  }, [stores])
  const subscribe = useCallback(
    (listener: () => void) => {
      const stops = stores.map((one) =>
        one.store.subscribe(() => {
          version.current++
          listener()
        }),
      )
      return () => {
        for (const stop of stops) stop()
      }
    },
    [stores],
  )
  const read = () => version.current
  return useSyncExternalStore(subscribe, read, read)
}
