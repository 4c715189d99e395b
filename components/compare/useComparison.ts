"use client"

import { useEffect, useMemo, useState } from "react"
import { useLive } from "@/lib/live/LiveProvider"
import { type Comparison, createComparer, NO_COMPARISON } from "./createComparer"

/**
 * How long to wait between two comparisons: at least `MIN_MS`, and at least `PAUSE_FACTOR` times as long as the last
 * comparison took.
 */
const MIN_MS = 250
const PAUSE_FACTOR = 6
/** If both runs together have at most this many turns, contents are loaded automatically. */
const MAX_AUTOMATIC_TURNS = 20_000

export type LiveComparison = Comparison & {
  /** The number of turns whose contents have been loaded, and the total. */
  loaded: { turns: number; of: number }
  /** True if contents are loaded as the runs grow. */
  isLoading: boolean
}

/** Follows two runs and compares them as they grow. `loadAll` loads contents regardless of the number of turns. */
export function useComparison(a: string, b: string, loadAll: boolean): LiveComparison {
  const live = useLive()
  const parts = useMemo(
    () => ({
      runs: [live.followRun(a), live.followRun(b)] as const,
      digests: [live.turnDigests(a), live.turnDigests(b)] as const,
      compare: createComparer(),
    }),
    [live, a, b],
  )
  const [shown, setShown] = useState<LiveComparison>(NO_LIVE_COMPARISON)
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined
    let costMs = 0
    const compare = () => {
      timer = undefined
      const startedMs = performance.now()
      const [viewA, viewB] = [parts.runs[0].store.getState().view, parts.runs[1].store.getState().view]
      const [digestsA, digestsB] = [parts.digests[0].store.getState(), parts.digests[1].store.getState()]
      const of = viewA.cursor + viewB.cursor
      const isLoading = loadAll || of <= MAX_AUTOMATIC_TURNS
      if (isLoading) {
        parts.digests[0].readTo(viewA.cursor)
        parts.digests[1].readTo(viewB.cursor)
      }
      const next = parts.compare(
        { view: viewA, digests: digestsA.digests },
        { view: viewB, digests: digestsB.digests },
      )
      setShown({
        ...next,
        isLoading,
        loaded: { turns: digestsA.digests.length + digestsB.digests.length, of },
      })
      costMs = performance.now() - startedMs
    }
    const schedule = () => {
      timer ??= setTimeout(compare, Math.max(MIN_MS, costMs * PAUSE_FACTOR))
    }
    const all = [...parts.runs, ...parts.digests]
    const offs = all.flatMap((one) => [one.retain(), one.store.subscribe(schedule)])
    compare()
    return () => {
      clearTimeout(timer)
      for (const off of offs) off()
    }
  }, [parts, loadAll])
  return shown
}

const NO_LIVE_COMPARISON: LiveComparison = { ...NO_COMPARISON, loaded: { turns: 0, of: 0 }, isLoading: false }
