"use client"

import { cx } from "@/components/ui/cx"
import { LiveBadgeView } from "@/components/ui/state/LiveBadgeView"
import { StateMark } from "@/components/ui/state/StateMark"
import { plainLine } from "@/components/ui/text/plainLine"
import { oneLine } from "@/components/ui/text/showControls"
import { spokenLine } from "@/components/ui/text/spokenLine"
import { useServerNow } from "@/lib/live/hooks/useConnection"
import { pagePath } from "@/lib/live/pagePath"
import type { RunSummary } from "@/lib/protocol/run"
import { elapsedText } from "@/lib/trace/formatNumber"
import { spokenIn } from "@/lib/trace/spokenText"
import { describeState } from "@/lib/trace/state/describeState"
import type { LiveBadge } from "@/lib/trace/state/liveBadge"
import { runState } from "@/lib/trace/state/runState"
import { troubleLine } from "@/lib/trace/state/troubleText"
import { RunActions } from "./RunActions"
import { RunNumbers } from "./RunNumbers"
import { RunRelatives } from "./RunRelatives"

/** The run's state, intent, agent and numbers, and its actions. Wraps on narrow screens. */
export function RunHeader({ run, badge }: { run: RunSummary; badge: LiveBadge }) {
  return (
    <header className="shrink-0 border-b border-line px-3">
      <div className="flex min-h-10 flex-wrap items-center gap-x-3 max-sm:pt-2">
        <RunStateMark run={run} />
        <h1
          className="min-w-40 flex-1 truncate text-title font-semibold max-sm:order-1 max-sm:basis-full"
          title={oneLine(run.intent, 2_000)}
        >
          <bdi>{spokenLine(run.intent)}</bdi>
        </h1>
        <a
          href={pagePath(`/?agent=${encodeURIComponent(run.agent_id)}`)}
          className="num max-w-40 shrink-0 truncate text-ink-2 hover:text-ink hover:underline max-sm:ml-auto"
          title={run.agent_id}
        >
          {oneLine(run.agent_name ?? run.agent_id, 80)}
        </a>
        <RunActions run={run} />
      </div>
      <div className="num flex min-h-7 flex-wrap items-center gap-x-4 gap-y-0.5 pb-1 text-ink-2">
        <RunNumbers run={run}>
          <LiveBadgeView badge={badge} />
        </RunNumbers>
        <StateDetail run={run} />
        <span className="ml-auto flex flex-wrap gap-x-4 empty:hidden">
          <RunRelatives run={run} />
        </span>
      </div>
    </header>
  )
}

function RunStateMark({ run }: { run: RunSummary }) {
  const now = useServerNow(1_000)
  return <StateMark state={runState(run, now)} className="shrink-0 font-medium" />
}

/** What the run is waiting for, how long it has been silent, its problem, or how it ended. */
function StateDetail({ run }: { run: RunSummary }) {
  const now = useServerNow(1_000)
  const state = runState(run, now)
  const { detail } = describeState(state, elapsedText)
  const summary = run.termination?.kind === "outcome" ? run.termination.outcome.summary : undefined
  const trouble = troubleLine(run, now)
  if (summary !== undefined)
    return <Detail text={plainLine(spokenIn(summary))} title={summary} className="text-ink" />
  const saysMore = state.state === "waiting" || state.state === "gone"
  if (trouble !== undefined && !saysMore)
    return <Detail text={oneLine(trouble, 1_000)} title={trouble} className="text-failure" />
  if (detail === undefined || state.state === "working") return null
  return (
    <Detail
      text={oneLine(detail, 1_000)}
      title={detail}
      className={state.state === "waiting" ? "text-waiting" : undefined}
    />
  )
}

type DetailProps = { text: string; title: string; className?: string | undefined }

function Detail({ text, title, className }: DetailProps) {
  return (
    <span
      dir="auto"
      className={cx("min-w-0 flex-1 basis-60 truncate font-sans text-list", className)}
      title={oneLine(title, 2_000)}
    >
      {text}
    </span>
  )
}
