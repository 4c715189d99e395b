import type { ReactNode } from "react"
import { KindMark } from "@/components/ui/state/KindMark"
import { oneLine } from "@/components/ui/text/showControls"
import type { RunTurn } from "@/lib/protocol/turn"
import { costText, countText, durationText } from "@/lib/trace/formatNumber"
import { isCostEstimated, turnCost } from "@/lib/trace/turnCost"
import { hasError } from "@/lib/trace/turnError"
import { strings } from "./strings"

export type TurnHeadProps = { index: number; turn: RunTurn | undefined; children: ReactNode }

/** The name of a turn, its duration, tokens and cost. On narrow screens, the numbers wrap to a second line. */
export function TurnHead({ index, turn, children }: TurnHeadProps) {
  const name = turn?.tool ?? turn?.event ?? turn?.model
  return (
    <header className="flex min-h-10 shrink-0 items-center gap-2 border-b border-line pr-1 pl-3">
      <div className="flex min-w-0 flex-1 flex-wrap items-center gap-x-3">
        <h2 className="min-w-0 truncate font-semibold max-sm:sr-only">
          {strings.turn(index)}
          {name === undefined ? null : (
            <span className="font-normal text-ink-2"> · {oneLine(name, 120)}</span>
          )}
        </h2>
        {turn === undefined ? null : <KindMark kind={turn.kind} />}
        {turn !== undefined && (turn.outline?.error ?? hasError(turn)) ? (
          <span className="num font-medium text-error">{strings.error}</span>
        ) : null}
        {turn?.exit_code ? (
          <span className="num font-medium text-failure">{strings.streams.exit(turn.exit_code)}</span>
        ) : null}
        <span className="num ml-auto flex shrink-0 gap-3 text-ink-2">
          {turn?.duration_ms === undefined ? null : <span>{durationText(turn.duration_ms)}</span>}
          {turn?.usage === undefined ? null : <span>{strings.tokens(countText(tokensOf(turn.usage)))}</span>}
          {turn === undefined ? null : <TurnCost turn={turn} />}
        </span>
      </div>
      {children}
    </header>
  )
}

/** The turn's reported cost, or else its estimated cost. */
function TurnCost({ turn }: { turn: RunTurn }) {
  const cost = turnCost(turn)
  if (cost === undefined) return null
  const isEstimated = isCostEstimated(turn)
  return (
    <span title={isEstimated ? strings.details.estimatedCost : undefined}>
      {isEstimated ? "≈" : ""}
      {costText(cost)}
    </span>
  )
}

function tokensOf(usage: NonNullable<RunTurn["usage"]>): number {
  return (usage.input_tokens ?? 0) + (usage.output_tokens ?? 0)
}
