"use client"

import { useCallback, useEffect, useMemo, useRef, useState, useSyncExternalStore } from "react"
import { useLive } from "@/lib/live/LiveProvider"
import { type Children, heldChildren } from "./heldChildren"

export type Unfolded = {
  unfolded: ReadonlySet<string>
  toggle: (runId: string) => void
  /** Idempotent. */
  setFolded: (runId: string, isFolded: boolean) => void
  childrenOf: (runId: string) => readonly string[] | undefined
  /** Shows new child runs although rows are held. */
  applyPending: () => void
  /** How often `applyPending` was called. */
  applied: number
}

/** Returns which parents are unfolded, with their child runs, kept up to date. While held, no child run is added. */
export function useUnfolded(hold: boolean): Unfolded {
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
  const current: Children = useMemo(
    () => new Map(JSON.parse(serialized) as [string, string[]][]),
    [serialized],
  )
  const [applied, setApplied] = useState(0)
  const children = useHeldChildren(current, hold, applied)
  const setFolded = useCallback((runId: string, isFolded: boolean) => {
    setUnfolded((before) => (before.has(runId) === !isFolded ? before : toggled(before, runId)))
  }, [])
  const toggle = useCallback((runId: string) => setUnfolded((before) => toggled(before, runId)), [])
  const childrenOf = useCallback((runId: string) => children.get(runId), [children])
  const applyPending = useCallback(() => setApplied((count) => count + 1), [])
  return { unfolded, toggle, setFolded, childrenOf, applyPending, applied }
}

/** Returns the child runs that are shown. A change of `applied` shows all of them although they are held. */
function useHeldChildren(current: Children, hold: boolean, applied: number): Children {
  const last = useRef({ current, hold, applied, children: current })
  const before = last.current
  if (before.current !== current || before.hold !== hold || before.applied !== applied) {
    const isHeld = hold && before.applied === applied
    const children = isHeld ? heldChildren(before.children, current) : current
    last.current = { current, hold, applied, children }
  }
  return last.current.children
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
