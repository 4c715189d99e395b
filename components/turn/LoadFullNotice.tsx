"use client"

import type { RunTurn } from "@/lib/protocol/turn"
import { sizeText } from "@/lib/trace/formatNumber"
import { strings } from "./strings"
import { cutsOf } from "./turnCuts"
import { type FullTurn, useFullTurn } from "./useFullTurn"
import { TextButton } from "./ValueSection"

export type LoadFullNoticeProps = { runId: string; turn: RunTurn; field: string }

/** Shows that a field of a turn was cut, and loads it in full on request. Renders nothing for a complete field. */
export function LoadFullNotice({ runId, turn, field }: LoadFullNoticeProps) {
  const full = useFullTurn(runId, turn.index)
  const cuts = cutsOf(turn, field)
  if (cuts.size === 0) return null
  const bytes = [...cuts.values()].reduce((sum, cut) => sum + cut.bytes, 0)
  return (
    <p className="num mb-2 flex flex-wrap items-center gap-x-3 border-l-2 border-waiting pl-2 text-ink-2">
      {strings.value.cutValues(cuts.size, sizeText(bytes))}
      <LoadFullButton full={full} />
    </p>
  )
}

/** Loads a turn in full, and shows the error if this fails. */
export function LoadFullButton({ full }: { full: FullTurn }) {
  return (
    <>
      <TextButton onClick={() => void full.load()}>{strings.value.showAll}</TextButton>
      {typeof full.state === "object" ? (
        <span role="alert" className="text-failure">
          {strings.value.loadFailed(full.state.error.message)}
        </span>
      ) : null}
    </>
  )
}
