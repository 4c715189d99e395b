"use client"

import { useEffect, useMemo, useRef } from "react"
import { useRunPageStore } from "@/components/run/RunPageStoreProvider"
import type { RunTree } from "@/components/run/useRunTree"

export type RowActions = {
  onSelect: (runId: string, index: number) => void
  /** Expands or collapses the child runs of a turn. */
  onToggleChildren: (runId: string, index: number) => void
  /** Expands or collapses repeated turns, given the first of them. */
  onToggleRepeat: (index: number) => void
}

/** Returns what clicks on a row do. The functions never change, so that they don't cause rows to re-render. */
export function useRowActions(tree: RunTree): RowActions {
  const { page, runId: shown } = useRunPageStore()
  const latest = useRef(tree)
  useEffect(() => {
    latest.current = tree
  }, [tree])
  return useMemo(
    () => ({
      onSelect: (runId, index) => page.select({ runId, index }, latest.current.views.get(shown)?.cursor ?? 0),
      onToggleChildren(runId, index) {
        const children = latest.current.childrenOf(runId).get(index) ?? []
        const isExpanded = children.some((id) => page.store.getState().expandedRuns.has(id))
        for (const id of children) page.expandRun(id, !isExpanded)
      },
      onToggleRepeat: (index) => page.expandRepeat(index, !page.store.getState().expandedRepeats.has(index)),
    }),
    [page, shown],
  )
}
