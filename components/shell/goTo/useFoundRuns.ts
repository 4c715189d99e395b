"use client"

import { useEffect, useState } from "react"
import { useLive } from "@/lib/live/LiveProvider"
import type { RunSummary } from "@/lib/protocol/run"

const PAUSE_MS = 150
const NOTHING: readonly RunSummary[] = []

/** The runs that hold the words (without words: the newest), asked of the server once the reader pauses; a late answer is dropped. */
export function useFoundRuns(words: string): { runs: readonly RunSummary[]; searching: boolean } {
  const live = useLive()
  const [answer, setAnswer] = useState<{ words: string; runs: readonly RunSummary[] }>()
  const wanted = words.trim()
  useEffect(() => {
    let current = true
    const ask = async () => {
      const reply = await live.searchRuns(wanted)
      if (current) setAnswer({ words: wanted, runs: reply.ok ? reply.runs : NOTHING })
    }
    const timer = setTimeout(ask, wanted === "" ? 0 : PAUSE_MS)
    return () => {
      current = false
      clearTimeout(timer)
    }
  }, [live, wanted])
  const here = answer?.words === wanted
  return { runs: here ? answer.runs : NOTHING, searching: !here }
}
