"use client"

import { useMemo } from "react"
import { useRunPageStore } from "@/components/run/RunPageStoreProvider"
import { useTurnSearch } from "./useTurnSearch"

/** The turns of the run that hold the reader's words, for marking their rows. */
export function useHits(): ReadonlySet<number> {
  const { runId } = useRunPageStore()
  const found = useTurnSearch(runId)
  return useMemo(() => new Set(found), [found])
}
