"use client"

import { X } from "lucide-react"
import Link from "next/link"
import { strings } from "@/components/compare/strings"
import { Button } from "@/components/ui/Button"
import { IconButton } from "@/components/ui/IconButton"
import { runPath } from "@/components/ui/runPath"
import { LiveBadgeView } from "@/components/ui/state/LiveBadgeView"
import { StateMark } from "@/components/ui/state/StateMark"
import { oneLine } from "@/components/ui/text/showControls"
import { spokenLine } from "@/components/ui/text/spokenLine"
import { useServerNow } from "@/lib/live/hooks/useConnection"
import { useLiveBadge, useRunError, useRunSummary } from "@/lib/live/hooks/useFollowedRun"
import type { RunSummary } from "@/lib/protocol/run"
import { outcomeOf, runState } from "@/lib/trace/state/runState"

export type Side = "a" | "b"
export type SideHeadProps = { side: Side; runId: string; onClear: () => void }

/** The header of one run: state, intent, agent, and how up to date its turns are. */
export function SideHead({ side, runId, onClear }: SideHeadProps) {
  const run = useRunSummary(runId)
  const error = useRunError(runId)
  const name = side.toUpperCase()
  if (run !== undefined) return <Head side={side} run={run} isGone={error !== undefined} onClear={onClear} />
  return (
    <section
      aria-label={strings.runName(name)}
      data-side={side}
      className="flex min-w-0 flex-col gap-1 px-3 py-1.5"
    >
      {error === undefined ? (
        <p className="skeleton text-ink-3">{strings.head.loading(name)}</p>
      ) : (
        <>
          <p role="alert">
            <SideName side={side} /> {error.code === "not_found" ? strings.head.notFound : error.message}
          </p>
          <p>
            <Button onClick={onClear}>{strings.head.chooseAnother}</Button>
          </p>
        </>
      )}
    </section>
  )
}

type HeadProps = { side: Side; run: RunSummary; isGone: boolean; onClear: () => void }

function Head({ side, run, isGone, onClear }: HeadProps) {
  const now = useServerNow(1_000)
  const state = runState(run, now)
  const badge = useLiveBadge(run.run_id, NO_VIEW)
  return (
    <section
      aria-label={strings.runName(side.toUpperCase())}
      data-side={side}
      data-run-id={run.run_id}
      data-state={state.state}
      data-outcome={outcomeOf(run)}
      data-cursor={run.cursor}
      className="min-w-0 px-3 py-1"
    >
      <div className="flex min-w-0 items-center gap-2">
        <SideName side={side} />
        <StateMark state={state} className="shrink-0" />
        <Link
          href={runPath(run.run_id)}
          prefetch={false}
          title={oneLine(run.intent, 2_000)}
          className="min-w-0 flex-1 truncate font-medium hover:underline"
        >
          {spokenLine(run.intent) || strings.head.noIntent}
        </Link>
        <IconButton label={strings.head.chooseAnotherFor(side.toUpperCase())} onClick={onClear}>
          <X />
        </IconButton>
      </div>
      <div className="num flex min-w-0 items-center gap-3 pb-0.5 text-ink-2">
        <span className="min-w-0 truncate" title={run.agent_id}>
          {oneLine(run.agent_name ?? run.agent_id, 80)}
        </span>
        <span className="shrink-0">{strings.head.turns(run.cursor)}</span>
        {isGone ? (
          <span role="alert" className="text-failure">
            {strings.head.deleted}
          </span>
        ) : (
          <LiveBadgeView badge={badge} />
        )}
      </div>
    </section>
  )
}

const NO_VIEW = {}

/** A boxed "A" or "B". */
export function SideName({ side }: { side: Side }) {
  return (
    <span className="num inline-flex size-5 shrink-0 items-center justify-center rounded-small border border-line-strong font-semibold">
      {side.toUpperCase()}
    </span>
  )
}
