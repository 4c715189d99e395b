import type { RunSummary } from "@/lib/protocol/run"
import { costText, countText } from "@/lib/timeline/formatNumber"

/** The turn cursor: how many turns the run has. */
export function Cursor({ run }: { run: RunSummary }) {
  return (
    <span className="num text-right text-ink-2" title={`${run.cursor} turns`}>
      <span className="text-ink-3">t </span>
      {run.cursor}
    </span>
  )
}

/** Tokens in and out together; the parts on hover. */
export function Tokens({ run }: { run: RunSummary }) {
  const { input_tokens, output_tokens } = run.totals
  const sum = input_tokens + output_tokens
  return (
    <span className="num text-right text-ink-2" title={`${input_tokens} tokens in, ${output_tokens} out`}>
      {sum > 0 ? countText(sum) : <Nothing />}
    </span>
  )
}

export function Cost({ run }: { run: RunSummary }) {
  const { cost_usd } = run.totals
  return (
    <span className="num text-right text-ink-2" title={`US$ ${cost_usd}`}>
      {cost_usd > 0 ? costText(cost_usd) : <Nothing />}
    </span>
  )
}

function Nothing() {
  return <span className="text-ink-3">–</span>
}
