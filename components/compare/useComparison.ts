"use client"

import { useEffect, useMemo, useState } from "react"
import { useLive } from "@/lib/live/LiveProvider"
import { type Comparison, createComparer, NO_COMPARISON } from "./createComparer"

/** Compared anew at most this often, and seldom enough that comparing takes a sixth of the time. */
const MIN_MS = 250
const SHARE = 6
/** Runs of so many turns together have their contents read without being asked. */
const READ_UNASKED = 20_000

export type LiveComparison = Comparison & {
  /** Of how many pairs of turns the contents have been read, of how many. */
  read: { turns: number; of: number }
  /** Contents are being read, or will be as the runs grow. */
  reads: boolean
}

/** Follows two runs and compares them as they grow. `readAll`: contents are read however long the runs are. */
export function useComparison(a: string, b: string, readAll: boolean): LiveComparison {
  const live = useLive()
  const parts = useMemo(
    () => ({
      runs: [live.followRun(a), live.followRun(b)] as const,
      digests: [live.turnDigests(a), live.turnDigests(b)] as const,
      compare: createComparer(),
    }),
    [live, a, b],
  )
  const [shown, setShown] = useState<LiveComparison>(NOTHING)
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined
    let costMs = 0
    const compare = () => {
      timer = undefined
      const began = performance.now()
      const [viewA, viewB] = [parts.runs[0].store.getState().view, parts.runs[1].store.getState().view]
      const [readA, readB] = [parts.digests[0].store.getState(), parts.digests[1].store.getState()]
      const of = viewA.cursor + viewB.cursor
      const reads = readAll || of <= READ_UNASKED
      if (reads) {
        parts.digests[0].readTo(viewA.cursor)
        parts.digests[1].readTo(viewB.cursor)
      }
      const next = parts.compare(
        { view: viewA, digests: readA.digests },
        { view: viewB, digests: readB.digests },
      )
      setShown({ ...next, reads, read: { turns: readA.digests.length + readB.digests.length, of } })
      costMs = performance.now() - began
    }
    const plan = () => {
      timer ??= setTimeout(compare, Math.max(MIN_MS, costMs * SHARE))
    }
    const all = [...parts.runs, ...parts.digests]
    const offs = all.flatMap((kept) => [kept.retain(), kept.store.subscribe(plan)])
    compare()
    return () => {
      clearTimeout(timer)
      for (const off of offs) off()
    }
  }, [parts, readAll])
  return shown
}

const NOTHING: LiveComparison = { ...NO_COMPARISON, read: { turns: 0, of: 0 }, reads: false }
