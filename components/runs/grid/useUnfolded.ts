"use client"

import { useCallback, useEffect, useMemo, useState, useSyncExternalStore } from "react"
import { useLive } from "@/lib/live/LiveProvider"

export type Unfolded = {
  unfolded: ReadonlySet<string>
  toggle: (runId: string) => void
  /** Idempotent. */
  setFolded: (runId: string, isFolded: boolean) => void
  childrenOf: (runId: string) => readonly string[] | undefined
}

/** Returns which parents are unfolded, with their child runs, kept up to date. */
export function useUnfolded(): Unfolded {
  const live = useLive()
  const [unfolded, setUnfolded] = useState<ReadonlySet<string>>(new Set())
  const families = useMemo(
    () => new Map([...unfolded].map((runId) => [runId, live.childRuns(runId)])),
    [live, unfolded],
  )
  useEffect(() => {
    const releases = [...families.values()].map((family) => family.retain())
    return () => {
      for (const release of releases) release()
    }
  }, [families])
  const subscribe = useCallback(
    (listener: () => void) => {
      const stops = [...families.values()].map((family) => family.store.subscribe(listener))
      return () => {
        for (const stop of stops) stop()
      }
    },
    [families],
  )
  const read = useCallback(
    () => serialize([...families].map(([id, it]) => [id, it.store.getState().ids])),
    [families],
  )
  const serialized = useSyncExternalStore(subscribe, read, () => "[]")
  const children = useMemo(() => new Map(JSON.parse(serialized) as [string, string[]][]), [serialized])
  const setFolded = useCallback((runId: string, isFolded: boolean) => {
    setUnfolded((before) => (before.has(runId) === !isFolded ? before : toggled(before, runId)))
  }, [])
  const toggle = useCallback((runId: string) => setUnfolded((before) => toggled(before, runId)), [])
  const childrenOf = useCallback((runId: string) => children.get(runId), [children])
  return { unfolded, toggle, setFolded, childrenOf }
}

// A string is compared by content, so other changes to these runs don't re-render the grid.
function serialize(children: readonly (readonly [string, readonly string[]])[]): string {
  return JSON.stringify(children)
}

function toggled(set: ReadonlySet<string>, runId: string): ReadonlySet<string> {
  const next = new Set(set)
  if (!next.delete(runId)) next.add(runId)
  return next
}
