"use client"

import { useEffect } from "react"
import { useIconBadge } from "@/components/shell/useIconBadge"
import type { RunCounts } from "@/lib/protocol/run"
import { strings } from "./strings"

/** Shows in the tab's title how many runs need the user or are in trouble, and marks the tab's icon accordingly. */
export function usePageTitle(counts: RunCounts | undefined): void {
  const needsYou = (counts?.waiting ?? 0) > 0
  const isTrouble = (counts?.trouble ?? 0) > 0
  useIconBadge(needsYou ? "waiting" : isTrouble ? "trouble" : undefined)
  const title = titleOf(counts)
  useEffect(() => {
    document.title = title
  }, [title])
}

function titleOf(counts: RunCounts | undefined): string {
  const { plain, needsYou, trouble, live } = strings.documentTitle
  if (counts === undefined) return plain
  if (counts.waiting > 0) return needsYou(counts.waiting)
  if ((counts.trouble ?? 0) > 0) return trouble(counts.trouble ?? 0)
  return counts.in_progress > 0 ? live(counts.in_progress) : plain
}
