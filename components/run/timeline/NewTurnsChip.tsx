"use client"

import { ArrowDown } from "lucide-react"
import { useRunPageState, useRunPageStore } from "@/components/run/RunPageStoreProvider"
import { strings } from "@/components/run/strings"
import { useTurnCount } from "@/lib/live/hooks/useFollowedRun"

/** Counts the turns that arrived while following was paused. A click returns to the live edge. */
export function NewTurnsChip() {
  const { page, runId } = useRunPageStore()
  const cursor = useTurnCount(runId)
  const pausedAt = useRunPageState(({ mode }) => (mode.kind === "paused" ? mode.at : undefined))
  const count = cursor - (pausedAt ?? cursor)
  if (count <= 0) return null
  const onClick = () => {
    page.goLive()
    // The chip, which has the focus, is about to disappear.
    focusTurns()
  }
  return (
    <button
      type="button"
      onClick={onClick}
      className="num absolute bottom-3 left-1/2 z-20 flex h-row -translate-x-1/2 items-center gap-1.5 rounded-full border border-line-strong bg-overlay px-3 font-medium text-accent shadow-float hover:border-accent"
    >
      {strings.timeline.newTurns(count)}
      <ArrowDown className="size-3.5" aria-hidden="true" />
    </button>
  )
}

/** Moves the focus to the turns, unless an input field has it, so that keys such as PageUp act on the turns. */
function focusTurns(): void {
  const { activeElement } = document
  if (activeElement?.matches("input, textarea, select")) return
  const turns = document.querySelector<HTMLElement>("[data-turns]")
  if (turns !== null && !turns.contains(activeElement)) turns.focus({ preventScroll: true })
}
