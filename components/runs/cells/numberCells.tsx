"use client"

import { useMemo } from "react"
import { strings } from "@/components/runs/strings"
import { Elapsed } from "@/components/ui/Elapsed"
import { Sparkline } from "@/components/ui/Sparkline"
import { oneLine } from "@/components/ui/text/showControls"
import { useServerNow } from "@/lib/live/hooks/useConnection"
import type { RunSummary } from "@/lib/protocol/run"
import { sparkline } from "@/lib/timeline/sparkline"
import { costText, countText, elapsedText, grouped } from "@/lib/trace/formatNumber"
import { isWaiting } from "@/lib/trace/matchesFilter"
import { timeMs } from "@/lib/trace/state/runState"
import { totalCost, totalTokens } from "@/lib/trace/turnTotals"

const TEXT = strings.cells
type CellProps = { run: RunSummary }

/** The number of turns. */
export function TurnsCell({ run }: CellProps) {
  return <NumberText title={TEXT.turns(run.cursor)} text={grouped(run.cursor)} />
}

/** The number of errors. The tooltip has the text of the last known error. */
export function ErrorsCell({ run }: CellProps) {
  const { errors } = run.totals
  if (errors === 0) return <Nothing />
  const last = run.last_error?.text ?? ""
  const title = last === "" ? TEXT.errors(errors) : TEXT.lastError(errors, oneLine(last, 300))
  return <NumberText title={title} text={countText(errors)} className="font-semibold text-error" />
}

/** The total number of tokens. The tooltip has input and output. */
export function TokensCell({ run }: CellProps) {
  const { input_tokens, output_tokens } = run.totals
  const tokens = totalTokens(run.totals)
  if (tokens === 0) return <Nothing />
  return <NumberText title={TEXT.tokens(input_tokens, output_tokens)} text={countText(tokens)} />
}

/** The cost, aligned at the decimal point. `≈` if part of it is an estimate. */
export function CostCell({ run }: CellProps) {
  const cost = totalCost(run.totals)
  if (cost === 0) return <Nothing />
  const isEstimated = (run.totals.estimated_cost_usd ?? 0) > 0
  return (
    <NumberText
      title={isEstimated ? TEXT.estimated(cost) : TEXT.cost(cost)}
      text={`${isEstimated ? "≈" : ""}${alignedCost(cost)}`}
    />
  )
}

const FIGURE_SPACE = "\u2007"
const DECIMALS = 4

/** Pads a cost so that the decimal points of right-aligned costs are aligned. */
export function alignedCost(usd: number): string {
  const text = costText(usd)
  const point = text.indexOf(".")
  const decimals = point < 0 ? 0 : text.length - point - 1
  const missing = point < 0 ? DECIMALS + 1 : DECIMALS - decimals
  return text + FIGURE_SPACE.repeat(Math.max(0, missing))
}

/** How long the run has been waiting, or else its duration so far. */
export function TimeCell({ run, className }: CellProps & { className?: string }) {
  const since = run.waiting_since ?? run.activity?.since
  if (run.connected && isWaiting(run) && since !== undefined) return <WaitingTime since={since} />
  return (
    <Elapsed from={run.started_at} to={run.ended_at} className={`text-right text-ink-2 ${className ?? ""}`} />
  )
}

function WaitingTime({ since }: { since: string }) {
  const now = useServerNow(1_000)
  const start = timeMs(since)
  if (now === 0 || start === undefined) return null
  const text = elapsedText(now - start)
  return <NumberText title={TEXT.waiting(text)} text={text} className="text-waiting" />
}

/** Turns over the last minutes, for runs in progress. */
export function ActivityCell({ run }: CellProps) {
  return run.status === "in_progress" ? <RecentTurns run={run} /> : <span />
}

function RecentTurns({ run }: CellProps) {
  const now = useServerNow(10_000)
  const { recent } = run
  const heights = useMemo(() => sparkline(recent, now), [recent, now])
  const sum = (recent?.turns ?? []).reduce((all, count) => all + count, 0)
  return (
    <span className="flex items-center justify-end" title={TEXT.recentTurns(sum)}>
      <Sparkline values={heights} />
    </span>
  )
}

type NumberTextProps = { title: string; text: string; className?: string }

/**
 * A right-aligned number. When its number of digits changes, it becomes a new element, because moving an element counts
 * as a layout shift.
 */
function NumberText({ title, text, className = "text-ink-2" }: NumberTextProps) {
  return (
    <span key={text.length} className={`num text-right whitespace-pre ${className}`} title={title}>
      {text}
    </span>
  )
}

function Nothing() {
  return <span className="num text-right text-ink-3">{TEXT.none}</span>
}
