"use client"

import { useEffect, useState } from "react"
import { useLive } from "@/lib/live/LiveProvider"
import type { RunSummary } from "@/lib/protocol/run"

const PAUSE_MS = 150
const NOTHING: readonly RunSummary[] = []

/** The runs that hold the words, asked of the server once the reader pauses; a late answer to older words is dropped. */
export function useFoundRuns(words: string): { runs: readonly RunSummary[]; searching: boolean } {
  const live = useLive()
  const [answer, setAnswer] = useState<{ words: string; runs: readonly RunSummary[] }>({
    words: "",
    runs: [],
  })
  const wanted = words.trim()
  useEffect(() => {
    if (wanted === "") return
    let current = true
    const timer = setTimeout(async () => {
      const reply = await live.searchRuns(wanted)
      if (current) setAnswer({ words: wanted, runs: reply.ok ? reply.runs : NOTHING })
    }, PAUSE_MS)
    return () => {
      current = false
      clearTimeout(timer)
    }
  }, [live, wanted])
  const here = answer.words === wanted
  return { runs: here && wanted !== "" ? answer.runs : NOTHING, searching: !here && wanted !== "" }
}
