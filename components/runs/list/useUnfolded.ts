"use client"

import { useCallback, useEffect, useMemo, useState, useSyncExternalStore } from "react"
import { useLive } from "@/lib/live/LiveProvider"

export type Unfolded = {
  unfolded: ReadonlySet<string>
  toggle: (runId: string) => void
  /** Folds or unfolds one run; asking for what is so already does nothing. */
  fold: (runId: string, fold: boolean) => void
  childrenOf: (runId: string) => readonly string[] | undefined
}

/** Which parents are unfolded, and their child runs, kept current while they are. */
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
    () => childKey([...families].map(([id, it]) => [id, it.store.getState().ids])),
    [families],
  )
  const key = useSyncExternalStore(subscribe, read, () => "[]")
  const children = useMemo(() => new Map(JSON.parse(key) as [string, string[]][]), [key])
  const fold = useCallback((runId: string, fold: boolean) => {
    setUnfolded((before) => (before.has(runId) === !fold ? before : toggled(before, runId)))
  }, [])
  const toggle = useCallback((runId: string) => setUnfolded((before) => toggled(before, runId)), [])
  const childrenOf = useCallback((runId: string) => children.get(runId), [children])
  return { unfolded, toggle, fold, childrenOf }
}

// A text compares by content, so that news which changes no child run draws nothing.
function childKey(children: readonly (readonly [string, readonly string[]])[]): string {
  return JSON.stringify(children)
}

function toggled(set: ReadonlySet<string>, runId: string): ReadonlySet<string> {
  const next = new Set(set)
  if (!next.delete(runId)) next.add(runId)
  return next
}
