"use client"

import { useNarrow } from "@/components/ui/hooks/useRowPx"
import type { RunPart } from "./createRunPageStore"
import { useRunPageState } from "./RunPageStoreProvider"

/** The part of the page that is shown: the chosen one, if the screen has it. */
export function useRunPart(): RunPart {
  const part = useRunPageState((state) => state.part)
  const narrow = useNarrow()
  return part === "about" && !narrow ? "timeline" : part
}
