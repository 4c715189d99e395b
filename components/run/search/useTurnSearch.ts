"use client"

import { useEffect, useMemo, useState } from "react"
import { useRunPageState } from "@/components/run/RunPageStoreProvider"
import { findTitles } from "@/components/run/timeline/stepTurns"
import { useRunView } from "@/lib/live/hooks/useFollowedRun"
import { useLive } from "@/lib/live/LiveProvider"

const TYPING_MS = 250

/** The turns that hold the reader's words: by title at once, and the one in whose text the server finds them. */
export function useTurnSearch(runId: string): readonly number[] {
  const query = useRunPageState((state) => state.query)
  const view = useRunView(runId)
  const inText = useServerHit(runId, view.run?.agent_id, query.trim())
  return useMemo(() => {
    const found = findTitles(view.outlines, view.cursor, query)
    if (inText === undefined || found.includes(inText)) return found
    return [...found, inText].sort((a, b) => a - b)
  }, [view.outlines, view.cursor, query, inText])
}

function useServerHit(runId: string, agentId: string | undefined, words: string): number | undefined {
  const live = useLive()
  const [hit, setHit] = useState<{ words: string; index: number | undefined }>()
  useEffect(() => {
    if (words.length < 2 || agentId === undefined) return
    let wanted = true
    const timer = setTimeout(async () => {
      const answer = await live.request("runs.list", {
        q: words.slice(0, 200),
        agent_id: agentId,
        limit: 200,
      })
      if (!wanted || !answer.ok) return
      const found = answer.runs.find((run) => run.run_id === runId)?.hit
      setHit({ words, index: found !== undefined && holdsAll(found.text, words) ? found.index : undefined })
    }, TYPING_MS)
    return () => {
      wanted = false
      clearTimeout(timer)
    }
  }, [live, runId, agentId, words])
  return hit?.words === words ? hit.index : undefined
}

/** A list finds a run whose words are spread over its turns; here a turn is a hit only with all of them. */
function holdsAll(text: string, words: string): boolean {
  const held = text.toLowerCase()
  return words
    .toLowerCase()
    .split(/\s+/)
    .every((word) => held.includes(word))
}
