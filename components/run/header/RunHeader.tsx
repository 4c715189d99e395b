"use client"

import { cx } from "@/components/ui/cx"
import { LiveBadgeView } from "@/components/ui/LiveBadgeView"
import { StateMark } from "@/components/ui/StateMark"
import { plainLine } from "@/components/ui/text/plainLine"
import { oneLine } from "@/components/ui/text/showControls"
import { useServerNow } from "@/lib/live/hooks/useConnection"
import type { RunSummary } from "@/lib/protocol/run"
import { elapsedText } from "@/lib/timeline/formatNumber"
import { describeState } from "@/lib/trace/state/describeState"
import type { LiveBadge } from "@/lib/trace/state/liveBadge"
import { runState } from "@/lib/trace/state/runState"
import { RunActions } from "./RunActions"
import { RunNumbers } from "./RunNumbers"
import { RunRelatives } from "./RunRelatives"

/** What the run is, how it stands, and what can be done about it. Two lines whose height never changes. */
export function RunHeader({ run, badge }: { run: RunSummary; badge: LiveBadge }) {
  return (
    <header className="shrink-0 border-b border-line px-3">
      <div className="flex h-10 items-center gap-3">
        <RunStateMark run={run} />
        <h1 className="min-w-0 truncate text-title font-semibold" title={oneLine(run.intent, 2_000)}>
          {oneLine(run.intent)}
        </h1>
        <a
          href={`/?agent=${encodeURIComponent(run.agent_id)}`}
          className="num max-w-40 shrink-0 truncate text-ink-2 hover:text-ink hover:underline max-lg:hidden"
          title={run.agent_id}
        >
          {oneLine(run.agent_name ?? run.agent_id, 80)}
        </a>
        <span className="flex-1" />
        <div className="max-sm:hidden">
          <RunActions run={run} />
        </div>
      </div>
      <div className="num flex h-7 items-center gap-4 overflow-x-auto overflow-y-hidden pb-1 text-ink-2 [scrollbar-width:none]">
        <RunNumbers run={run}>
          <LiveBadgeView badge={badge} />
        </RunNumbers>
        <StateDetail run={run} />
        <span className="flex-1" />
        <RunRelatives run={run} />
      </div>
      <div className="-mx-2 flex h-9 items-center sm:hidden">
        <RunActions run={run} />
      </div>
    </header>
  )
}

function RunStateMark({ run }: { run: RunSummary }) {
  const now = useServerNow(1_000)
  return <StateMark state={runState(run, now)} className="shrink-0 font-medium" />
}

/** For whom it waits, since when nothing was heard, or how it ended, in words. */
function StateDetail({ run }: { run: RunSummary }) {
  const now = useServerNow(1_000)
  const state = runState(run, now)
  const { detail } = describeState(state, elapsedText)
  if (run.termination?.kind === "outcome" && run.termination.outcome.summary !== undefined) {
    const summary = run.termination.outcome.summary
    return (
      <span className="min-w-0 truncate font-sans text-list text-ink" title={oneLine(summary, 2_000)}>
        {plainLine(summary)}
      </span>
    )
  }
  if (detail === undefined || state.state === "working") return null
  return (
    <span
      className={cx("min-w-0 truncate font-sans text-list", state.state === "waiting" && "text-waiting")}
      title={oneLine(detail, 2_000)}
    >
      {oneLine(detail, 1_000)}
    </span>
  )
}
