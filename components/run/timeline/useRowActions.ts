"use client"

import { useEffect, useMemo, useRef } from "react"
import type { RunTree } from "@/components/run/header/useRunTree"
import { useRunPageStore } from "@/components/run/RunPageStoreProvider"

export type RowActions = {
  onSelect: (runId: string, index: number) => void
  onToggle: (runId: string, index: number) => void
}

/** What a click on a row does; the same functions whatever arrives, so that no row is drawn again for their sake. */
export function useRowActions(tree: RunTree): RowActions {
  const { reader, runId: shown } = useRunPageStore()
  const latest = useRef(tree)
  useEffect(() => {
    latest.current = tree
  }, [tree])
  return useMemo(
    () => ({
      onSelect: (runId, index) =>
        reader.select({ runId, index }, latest.current.views.get(shown)?.cursor ?? 0),
      onToggle: (runId, index) => {
        const children = latest.current.childrenOf(runId).get(index) ?? []
        const isOpen = children.some((id) => reader.store.getState().openRuns.has(id))
        for (const id of children) reader.openRun(id, !isOpen)
      },
    }),
    [reader, shown],
  )
}
