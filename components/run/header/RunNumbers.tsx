"use client"

import { type ReactNode, useMemo } from "react"
import { replayCursor } from "@/components/run/createRunPageStore"
import { useRunPageState, useRunPageStore } from "@/components/run/RunPageStoreProvider"
import { strings } from "@/components/run/strings"
import { useServerNow } from "@/lib/live/hooks/useConnection"
import { useRunView } from "@/lib/live/hooks/useFollowedRun"
import type { RunSummary } from "@/lib/protocol/run"
import { runBounds } from "@/lib/timeline/rows/runBounds"
import { totalsAt } from "@/lib/timeline/rows/totalsAt"
import { costText, countText, elapsedText } from "@/lib/trace/formatNumber"
import { timeMs } from "@/lib/trace/state/runState"

const TEXT = strings.numbers

/**
 * Shows the run's turn count, duration, tokens, cost and errors. `children` is the completeness indicator. During a
 * replay, the numbers are those at the replay cursor.
 */
export function RunNumbers({ run, children }: { run: RunSummary; children: ReactNode }) {
  const at = useRunPageState(replayCursor)
  const isReplaying = at !== undefined && at < run.cursor
  return (
    <>
      <Figure title={TEXT.turnsTitle}>
        <span className="text-ink">
          {isReplaying ? TEXT.turnsAt(at, run.cursor) : TEXT.turns(run.cursor)}
        </span>
      </Figure>
      {children}
      {isReplaying ? <ReplayNumbers runId={run.run_id} at={at} /> : <TotalNumbers run={run} />}
    </>
  )
}

function TotalNumbers({ run }: { run: RunSummary }) {
  const { totals } = run
  const tokens = totals.input_tokens + totals.output_tokens
  const cost = totals.cost_usd + totals.estimated_cost_usd
  const isPartial = totals.unpriced_turns > 0 && cost > 0
  return (
    <>
      <RunElapsed run={run} />
      {tokens > 0 ? (
        <Figure
          title={TEXT.tokensTitle(totals.input_tokens, totals.cached_input_tokens, totals.output_tokens)}
        >
          {TEXT.tokens(countText(tokens))}
        </Figure>
      ) : null}
      {cost > 0 ? (
        <Figure
          title={
            isPartial
              ? TEXT.unpriced(totals.unpriced_turns, totals.model_turns)
              : totals.estimated_cost_usd > 0
                ? TEXT.estimatedCostTitle
                : TEXT.costTitle
          }
        >
          {totals.estimated_cost_usd > 0 ? "≈" : ""}
          {costText(cost)}
          {isPartial ? "+" : ""}
        </Figure>
      ) : null}
      <FilterFigure facet="errors" count={totals.errors} text={TEXT.errors} title={TEXT.errorsTitle} />
      <FilterFigure facet="exits" count={totals.failed_exits} text={TEXT.exits} title={TEXT.exitsTitle} />
    </>
  )
}

/** The numbers of a run as it was at a cursor. */
function ReplayNumbers({ runId, at }: { runId: string; at: number }) {
  const { outlines } = useRunView(runId)
  const totals = useMemo(() => totalsAt(outlines, at), [outlines, at])
  return (
    <>
      <Figure title={TEXT.replayed.elapsedTitle}>{elapsedText(totals.elapsedMs)}</Figure>
      {totals.tokens > 0 ? (
        <Figure title={TEXT.replayed.tokensTitle}>{TEXT.tokens(countText(totals.tokens))}</Figure>
      ) : null}
      {totals.costUsd > 0 ? (
        <Figure title={TEXT.replayed.costTitle}>{costText(totals.costUsd)}</Figure>
      ) : null}
      <FilterFigure facet="errors" count={totals.errors} text={TEXT.errors} title={TEXT.errorsTitle} />
      <FilterFigure facet="exits" count={totals.failedExits} text={TEXT.exits} title={TEXT.exitsTitle} />
    </>
  )
}

function Figure({ title, children }: { title: string; children: ReactNode }) {
  return (
    <span title={title} className="shrink-0 whitespace-nowrap">
      {children}
    </span>
  )
}

type FilterFigureProps = { facet: string; count: number; text: (count: number) => string; title: string }

/** A number of problems. A click shows only the turns that have them. */
function FilterFigure({ facet, count, text, title }: FilterFigureProps) {
  const { page } = useRunPageStore()
  const isSelected = useRunPageState(({ filter }) => filter.includes(facet))
  if (count === 0) return null
  return (
    <button
      type="button"
      title={title}
      aria-pressed={isSelected}
      onClick={() => page.toggleFacet(facet)}
      className="shrink-0 rounded-small whitespace-nowrap text-error hover:underline aria-pressed:underline"
    >
      {text(count)}
    </button>
  )
}

/**
 * How long the run took or has been running. For an imported run, the time from the start of its first turn to the end
 * of its last one.
 */
function RunElapsed({ run }: { run: RunSummary }) {
  const { startMs, endMs, isHistory } = runBounds(useRunView(run.run_id))
  const started = timeMs(run.started_at)
  const ended = timeMs(run.ended_at)
  const now = useServerNow(1_000)
  if (started === undefined) return null
  const isByTurns = isHistory || run.imported === true
  const elapsedMs = isByTurns ? endMs - startMs : Math.max(0, (ended ?? Math.max(now, started)) - started)
  return <Figure title={isByTurns ? TEXT.historyTitle : TEXT.elapsedTitle}>{elapsedText(elapsedMs)}</Figure>
}
