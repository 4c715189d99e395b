import type { RunSummary } from "@/lib/protocol/run"
import { costText, countText, elapsedText, grouped } from "@/lib/timeline/formatNumber"
import { timeMs } from "@/lib/trace/state/runState"

/** A figure of two runs: as text on both sides, and what the second has more, with its sign; "" when it is the same. */
export type RunDelta = {
  name: "turns" | "time" | "tokens" | "cost" | "errors"
  a: string
  b: string
  delta: string
  /** Above 0: the second has more. */
  more: number
}

/** The figures of two runs, in the order in which a header shows them. A live run's time is as of `nowMs`, server time. */
export function runDeltas(a: RunSummary, b: RunSummary, nowMs: number): RunDelta[] {
  const tokens = ({ totals }: RunSummary) => totals.input_tokens + totals.output_tokens
  const figures = [
    ["turns", (run: RunSummary) => run.cursor, grouped],
    // Whole seconds: what is shown as the same is no difference.
    ["time", (run: RunSummary) => Math.floor(elapsedMs(run, nowMs) / 1_000) * 1_000, elapsedText],
    ["tokens", tokens, countText],
    ["cost", ({ totals }: RunSummary) => totals.cost_usd, costText],
    ["errors", ({ totals }: RunSummary) => totals.errors, grouped],
  ] as const
  return figures.map(([name, of, text]) => {
    const more = of(b) - of(a)
    const [textA, textB] = [text(of(a)), text(of(b))]
    const isSame = more === 0 || (textA === textB && text(Math.abs(more)) === text(0))
    const delta = isSame ? "" : `${more > 0 ? "+" : "−"}${text(Math.abs(more))}`
    return { name, a: textA, b: textB, delta, more: isSame ? 0 : more }
  })
}

function elapsedMs(run: RunSummary, nowMs: number): number {
  const started = timeMs(run.started_at)
  if (started === undefined) return 0
  return Math.max(0, (timeMs(run.ended_at) ?? Math.max(nowMs, started)) - started)
}
