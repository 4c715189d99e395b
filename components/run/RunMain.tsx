"use client"

import { type ReactNode, useEffect, useRef } from "react"
import { useIconBadge } from "@/components/shell/useIconBadge"
import { useFillHeight } from "@/components/ui/hooks/useRestOfHeight"
import { oneLine } from "@/components/ui/text/showControls"
import { useServerNow } from "@/lib/live/hooks/useConnection"
import { useTurnCount, useViewCursor } from "@/lib/live/hooks/useFollowedRun"
import type { RunSummary } from "@/lib/protocol/run"
import { describeState } from "@/lib/trace/state/describeState"
import type { LiveBadge } from "@/lib/trace/state/liveBadge"
import { outcomeOf, runState } from "@/lib/trace/state/runState"

export type RunMainProps = { run: RunSummary; badge: LiveBadge; children: ReactNode }

/** The page's `<main>`: as tall as what is left of the window, and open about how the run stands. */
export function RunMain({ run, badge, children }: RunMainProps) {
  const main = useRef<HTMLElement>(null)
  const cursor = useTurnCount(run.run_id)
  const viewCursor = useViewCursor(run.run_id)
  const state = runState(run, useServerNow(1_000))
  useFillHeight(main)
  useTitle(`${describeState(state, String).word} · ${oneLine(run.intent, 120)}`, state.state === "waiting")
  return (
    <main
      ref={main}
      data-page="run"
      data-run-id={run.run_id}
      data-state={state.state}
      data-outcome={outcomeOf(run)}
      data-cursor={cursor}
      data-view-cursor={viewCursor}
      data-live={badge.kind}
      className="flex min-h-80 flex-col overflow-hidden [font-variant-ligatures:none]"
    >
      {children}
    </main>
  )
}

/** The tab says how the run stands, and by a mark on its icon that it waits for a person. */
function useTitle(title: string, isWaiting: boolean): void {
  useIconBadge(isWaiting ? "waiting" : undefined)
  useEffect(() => {
    document.title = `${title} · Turnline`
  }, [title])
}
