"use client"

import { memo } from "react"
import { ReadValue } from "@/components/turn/ReadValue"
import { RowTitle } from "@/components/turn/RowTitle"
import { turnSections } from "@/components/turn/turnSections"
import { cx } from "@/components/ui/cx"
import { KindMark } from "@/components/ui/KindMark"
import { useOutline } from "@/lib/live/hooks/useFollowedRun"
import { useTurnBody } from "@/lib/live/hooks/useTurnBody"
import { durationText } from "@/lib/timeline/formatNumber"

export type TranscriptTurnProps = {
  runId: string
  index: number
  selected: boolean
  onSelect: (runId: string, index: number) => void
}

/** One turn to be read: what was said, called and given back. */
export const TranscriptTurn = memo(function TranscriptTurn(props: TranscriptTurnProps) {
  const { runId, index, selected, onSelect } = props
  const outline = useOutline(runId, index)
  return (
    <article
      data-turn-index={index}
      aria-current={selected}
      aria-label={`Turn ${index} of the transcript`}
      className={cx("border-b border-line px-4 py-2", selected && "bg-selected")}
    >
      <button
        type="button"
        onClick={() => onSelect(runId, index)}
        className="flex h-row w-full min-w-0 items-center gap-2 text-left"
      >
        <span className="num w-10 shrink-0 text-right text-ink-3">{index}</span>
        {outline === undefined ? null : (
          <>
            <KindMark kind={outline.kind} bare />
            <RowTitle outline={outline} hit={false} />
            <span className="num ml-auto shrink-0 text-ink-3">
              {outline.error ? <span className="pr-1 text-error">✗ error</span> : null}
              {outline.duration_ms === undefined ? null : durationText(outline.duration_ms)}
            </span>
          </>
        )}
      </button>
      <TranscriptBody runId={runId} index={index} />
    </article>
  )
})

function TranscriptBody({ runId, index }: { runId: string; index: number }) {
  const body = useTurnBody(runId, index)
  if (body.state === "loading") return <div className="h-24" />
  if (body.state === "error") return <p className="pl-14 text-failure">{body.error.message}</p>
  const { turn } = body
  return (
    <div className="flex flex-col gap-2 pl-14 max-sm:pl-0">
      {turnSections(turn, "told")
        .filter(({ field }) => field !== "attributes" && field !== "cli_outcome")
        .map(({ field, name, value, leaning }) => (
          <ReadValue key={field} name={name} value={value} leaning={leaning} />
        ))}
      {turn.error === undefined ? null : <ReadValue name="Error" value={turn.error.message} leaning="text" />}
    </div>
  )
}
