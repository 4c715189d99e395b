"use client"

import { useNarrow } from "@/components/ui/hooks/useRowPx"
import type { RunPart } from "./createRunPageStore"
import { useRunPageState } from "./RunPageStoreProvider"

/** Returns the part of the page to show: the chosen one if it exists at this screen size. */
export function useRunPart(): RunPart {
  const part = useRunPageState((state) => state.part)
  const narrow = useNarrow()
  return part === "about" && !narrow ? "timeline" : part
}
