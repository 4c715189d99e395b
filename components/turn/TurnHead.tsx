import type { ReactNode } from "react"
import { KindMark } from "@/components/ui/KindMark"
import { oneLine } from "@/components/ui/text/showControls"
import type { RunTurn } from "@/lib/protocol/turn"
import { costText, countText, durationText } from "@/lib/timeline/formatNumber"

export type TurnHeadProps = { index: number; turn: RunTurn | undefined; children: ReactNode }

/** Names a turn and says in a line what it took. */
export function TurnHead({ index, turn, children }: TurnHeadProps) {
  const name = turn?.tool ?? turn?.event ?? turn?.model
  return (
    <header className="flex h-10 shrink-0 items-center gap-2 border-b border-line pr-1 pl-3 max-sm:hidden">
      <h2 className="min-w-0 truncate font-semibold">
        Turn {index}
        {name === undefined ? null : <span className="font-normal text-ink-2"> · {oneLine(name, 120)}</span>}
      </h2>
      {turn === undefined ? null : <KindMark kind={turn.kind} />}
      {turn?.error === undefined ? null : <span className="num font-medium text-error">error</span>}
      <span className="num ml-auto flex shrink-0 gap-3 text-ink-2">
        {turn?.duration_ms === undefined ? null : <span>{durationText(turn.duration_ms)}</span>}
        {turn?.usage === undefined ? null : <span>{countText(tokensOf(turn.usage))} tok</span>}
        {turn?.cost_usd === undefined ? null : <span>{costText(turn.cost_usd)}</span>}
      </span>
      {children}
    </header>
  )
}

function tokensOf(usage: NonNullable<RunTurn["usage"]>): number {
  return (usage.input_tokens ?? 0) + (usage.output_tokens ?? 0)
}
