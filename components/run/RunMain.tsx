"use client"

import { type ReactNode, useEffect, useRef } from "react"
import { useIconBadge } from "@/components/shell/useIconBadge"
import { useFillHeight } from "@/components/ui/hooks/useFillHeight"
import { spokenLine } from "@/components/ui/text/spokenLine"
import { useServerNow } from "@/lib/live/hooks/useConnection"
import { useTurnCount, useViewCursor } from "@/lib/live/hooks/useFollowedRun"
import type { RunSummary } from "@/lib/protocol/run"
import { describeState } from "@/lib/trace/state/describeState"
import type { LiveBadge } from "@/lib/trace/state/liveBadge"
import { outcomeOf, runState } from "@/lib/trace/state/runState"
import { strings } from "./strings"

export type RunMainProps = { run: RunSummary; badge: LiveBadge; children: ReactNode }

/** The page's `<main>`. It fills the window, and its attributes describe the state of the run and of the view. */
export function RunMain({ run, badge, children }: RunMainProps) {
  const main = useRef<HTMLElement>(null)
  const cursor = useTurnCount(run.run_id)
  const viewCursor = useViewCursor(run.run_id)
  const state = runState(run, useServerNow(1_000))
  useFillHeight(main)
  useTitle(
    strings.documentTitle(describeState(state, String).word, spokenLine(run.intent, 120)),
    state.state === "waiting",
  )
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

/** Shows the run's state in the window's title, and marks the icon while the run waits for a user. */
function useTitle(title: string, isWaiting: boolean): void {
  useIconBadge(isWaiting ? "waiting" : undefined)
  useEffect(() => {
    document.title = title
  }, [title])
}
