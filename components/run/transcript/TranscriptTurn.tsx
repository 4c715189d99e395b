"use client"
import Link from "next/link"
import { type ComponentProps, memo } from "react"
import { strings } from "@/components/run/strings"
import { Marked } from "@/components/turn/text/Marked"
import { type FullTurn, useFullTurn } from "@/components/turn/useFullTurn"
import { cx } from "@/components/ui/cx"
import { runPath } from "@/components/ui/runPath"
import { oneLine } from "@/components/ui/text/showControls"
import { useTurnBody } from "@/lib/live/hooks/useTurnBody"
import type { RunTurn } from "@/lib/protocol/turn"
import { durationText } from "@/lib/trace/formatNumber"
import { hasError } from "@/lib/trace/turnError"
import { EntryBody } from "./EntryBody"
import { entryGroups } from "./entryGroups"
import type { TranscriptRole } from "./TranscriptEntry"
import { TurnFailure } from "./TurnFailure"

const TEXT = strings.transcript

export type TranscriptTurnProps = {
  runId: string
  index: number
  /** The number of turns in the transcript. */
  total: number
  selected: boolean
  onSelect: (runId: string, index: number) => void
}

/** One turn of the conversation, with an article for each author. */
export const TranscriptTurn = memo(function TranscriptTurn(props: TranscriptTurnProps) {
  const { runId, index, selected } = props
  const body = useTurnBody(runId, index)
  const full = useFullTurn(runId, index)
  return (
    <div className={cx("flex flex-col gap-2 px-4 py-2", selected && "bg-selected")}>
      {body.state === "loading" ? <Entry {...props} author="model" className="h-16" /> : null}
      {body.state === "error" ? <p className="text-failure">{TEXT.loadFailed(body.error.message)}</p> : null}
      {body.state === "turn" ? <TurnEntries {...props} turn={body.turn} full={full} /> : null}
    </div>
  )
})

type TurnEntriesProps = TranscriptTurnProps & { turn: RunTurn; full: FullTurn }

function TurnEntries({ turn, full, ...props }: TurnEntriesProps) {
  const groups = entryGroups(turn)
  const failure = <TurnFailure turn={turn} full={full} />
  if (groups.length === 0) {
    return (
      <Entry {...props} author={turn.kind} event={turn.event} durationMs={turn.duration_ms} turn={turn}>
        {isBlank(turn) ? <p className="text-ink-3">{TEXT.blank}</p> : null}
        {failure}
      </Entry>
    )
  }
  return groups.map(({ role, entries }, at) => {
    const isLast = at === groups.length - 1
    return (
      <Entry
        // biome-ignore lint/suspicious/noArrayIndexKey: entries are identified by their order; a turn never changes
        key={at}
        {...props}
        author={role}
        event={role === "system" ? turn.event : undefined}
        // The duration is that of the turn's action, not of its prompt.
        durationMs={isLast ? turn.duration_ms : undefined}
        turn={isLast ? turn : undefined}
      >
        {entries.map((entry, part) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: entries are identified by their order; a turn never changes
          <EntryBody key={part} entry={entry} turn={turn} full={full} />
        ))}
        {isLast ? failure : null}
      </Entry>
    )
  })
}

/** Returns true if the turn has nothing to show except its kind. */
function isBlank({ event, error, exit_code: exitCode, truncated }: RunTurn): boolean {
  return event === undefined && error === undefined && exitCode === undefined && truncated === undefined
}

/** Returns true if only a flag in the turn's result says that it failed, so there is no error text to show. */
function isFlaggedOnly(turn: RunTurn): boolean {
  return turn.error === undefined && (turn.outline?.error ?? hasError(turn))
}

const SIDES: Record<TranscriptRole, string> = {
  human: "ml-auto max-w-[85%] rounded border border-kind-human/50 bg-surface px-3 py-2",
  model: "mr-auto w-full",
  tool: "mr-auto w-full border-l-2 border-kind-tool/60 pl-3",
  agent: "mr-auto w-full border-l-2 border-kind-agent/60 pl-3",
  system: "mx-auto w-full border-l-2 border-kind-system/40 pl-3 text-ink-2",
}
const COLORS: Record<TranscriptRole, string> = {
  human: "text-kind-human",
  model: "text-kind-model",
  tool: "text-kind-tool",
  agent: "text-kind-agent",
  system: "text-kind-system",
}

type EntryProps = TranscriptTurnProps & {
  author: TranscriptRole
  event?: string | undefined
  durationMs?: number | undefined
  /** The turn, if this is its last entry. */
  turn?: RunTurn | undefined
} & Pick<ComponentProps<"article">, "className" | "children">

function Entry(props: EntryProps) {
  const { runId, index, total, selected, onSelect, author, event, durationMs, turn, className, children } =
    props
  return (
    <article
      data-role={author}
      data-turn-index={index}
      aria-label={TEXT.entry(TEXT.roles[author], index)}
      aria-posinset={index + 1}
      aria-setsize={total}
      aria-current={selected}
      className={cx("flex min-w-0 flex-col gap-1", SIDES[author], className)}
    >
      <header className="flex min-w-0 items-center gap-2 text-small">
        <span className={cx("font-semibold", COLORS[author])}>{TEXT.roles[author]}</span>
        <button
          type="button"
          onClick={() => onSelect(runId, index)}
          title={TEXT.details}
          className="num text-ink-3 hover:text-accent hover:underline"
        >
          #{index}
        </button>
        {event === undefined ? null : (
          <span className="num min-w-0 truncate text-ink-2">
            <Marked text={oneLine(event, 120)} />
          </span>
        )}
        {durationMs === undefined ? null : <span className="num text-ink-3">{durationText(durationMs)}</span>}
        {turn !== undefined && isFlaggedOnly(turn) ? (
          <span className="font-medium text-error">{TEXT.error}</span>
        ) : null}
        {turn?.policy_rejected ? <span className="font-medium text-error">{TEXT.rejected}</span> : null}
        {turn?.child_run_id === undefined ? null : (
          <Link href={runPath(turn.child_run_id)} className="text-accent hover:underline">
            {TEXT.child}
          </Link>
        )}
      </header>
      {children}
    </article>
  )
}
