import type { RunSummary } from "@/lib/protocol/run"
import { costText, countText, elapsedText, grouped } from "@/lib/trace/formatNumber"
import { timeMs } from "@/lib/trace/state/runState"
import { totalCost } from "@/lib/trace/turnTotals"

/** A figure of two runs: both as text, and the signed difference, which is "" if they are equal. */
export type RunDelta = {
  name: "turns" | "time" | "tokens" | "cost" | "errors"
  a: string
  b: string
  delta: string
  /** Positive if the second run's figure is larger. */
  change: number
}

/** Compares the figures of two runs, in the header's order. A live run's time is measured to `nowMs` (server time). */
export function runDeltas(a: RunSummary, b: RunSummary, nowMs: number): RunDelta[] {
  const tokens = ({ totals }: RunSummary) => totals.input_tokens + totals.output_tokens
  const figures = [
    ["turns", (run: RunSummary) => run.cursor, grouped],
    // Rounded to whole seconds, so that two times that look the same are equal.
    ["time", (run: RunSummary) => Math.floor(elapsedMs(run, nowMs) / 1_000) * 1_000, elapsedText],
    ["tokens", tokens, countText],
    ["cost", ({ totals }: RunSummary) => totalCost(totals), costText],
    ["errors", ({ totals }: RunSummary) => totals.errors, grouped],
  ] as const
  return figures.map(([name, of, text]) => {
    const change = of(b) - of(a)
    const [textA, textB] = [text(of(a)), text(of(b))]
    const isSame = change === 0 || (textA === textB && text(Math.abs(change)) === text(0))
    const delta = isSame ? "" : `${change > 0 ? "+" : "−"}${text(Math.abs(change))}`
    return { name, a: textA, b: textB, delta, change: isSame ? 0 : change }
  })
}

function elapsedMs(run: RunSummary, nowMs: number): number {
  const started = timeMs(run.started_at)
  if (started === undefined) return 0
  return Math.max(0, (timeMs(run.ended_at) ?? Math.max(nowMs, started)) - started)
}
