"use client"

import { type ComponentProps, memo, useState } from "react"
import { strings } from "@/components/run/strings"
import { ExitCode } from "@/components/turn/formats/streams/StreamsView"
import { OmittedSection } from "@/components/turn/moreSections"
import { Marked } from "@/components/turn/text/Marked"
import { omittedFields } from "@/components/turn/turnCuts"
import { type FullTurn, useFullTurn } from "@/components/turn/useFullTurn"
import { cx } from "@/components/ui/cx"
import { plainLine } from "@/components/ui/text/plainLine"
import { showControls } from "@/components/ui/text/showControls"
import { useTurnBody } from "@/lib/live/hooks/useTurnBody"
import type { RunTurn } from "@/lib/protocol/turn"
import { durationText } from "@/lib/timeline/formatNumber"
import { FoldedValue } from "./FoldedValue"
import { type TranscriptEntry, type TranscriptRole, transcriptEntries } from "./transcriptEntries"

const TEXT = strings.transcript

export type TranscriptTurnProps = {
  runId: string
  index: number
  /** How many turns the transcript has. */
  total: number
  selected: boolean
  onSelect: (runId: string, index: number) => void
}

/** One turn of the conversation: an article for everything that was said or done in it. */
export const TranscriptTurn = memo(function TranscriptTurn(props: TranscriptTurnProps) {
  const { runId, index, selected } = props
  const body = useTurnBody(runId, index)
  const full = useFullTurn(runId, index)
  return (
    <div className={cx("flex flex-col gap-2 px-4 py-2", selected && "bg-selected")}>
      {body.state === "loading" ? <Entry {...props} author="model" part={0} className="h-16" /> : null}
      {body.state === "error" ? <p className="text-failure">{TEXT.loadFailed(body.error.message)}</p> : null}
      {body.state === "turn" ? <TurnEntries {...props} turn={body.turn} full={full} /> : null}
    </div>
  )
})

type TurnEntriesProps = TranscriptTurnProps & { turn: RunTurn; full: FullTurn }

function TurnEntries({ turn, full, ...props }: TurnEntriesProps) {
  const entries = transcriptEntries(turn)
  const lastRole = entries.at(-1)?.role ?? (turn.kind === "tool" ? "tool" : turn.kind)
  const failure = <Failure turn={turn} full={full} />
  if (entries.length === 0) {
    return (
      <Entry {...props} author={lastRole} part={0} turn={turn}>
        {failure}
      </Entry>
    )
  }
  return entries.map((entry, part) => (
    <Entry
      // biome-ignore lint/suspicious/noArrayIndexKey: entries are identified by their order; a turn never changes
      key={part}
      {...props}
      author={entry.role}
      part={part}
      turn={part === 0 ? turn : undefined}
    >
      <EntryBody entry={entry} turn={turn} full={full} />
      {part === entries.length - 1 ? failure : null}
    </Entry>
  ))
}

const SIDES: Record<TranscriptRole, string> = {
  human: "ml-auto max-w-[85%] rounded border border-kind-human/50 bg-surface px-3 py-2",
  model: "mr-auto w-full",
  tool: "mr-auto w-full border-l-2 border-kind-tool/60 pl-3",
  agent: "mr-auto w-full border-l-2 border-kind-agent/60 pl-3",
  system: "mx-auto w-full border-l-2 border-kind-system/40 pl-3 text-ink-2",
}
const COLOURS: Record<TranscriptRole, string> = {
  human: "text-kind-human",
  model: "text-kind-model",
  tool: "text-kind-tool",
  agent: "text-kind-agent",
  system: "text-kind-system",
}

type EntryProps = TranscriptTurnProps & {
  author: TranscriptRole
  /** The position of the entry in its turn. */
  part: number
  /** Set for the first entry, which shows the turn's numbers. */
  turn?: RunTurn | undefined
} & Pick<ComponentProps<"article">, "className" | "children">

function Entry({
  runId,
  index,
  total,
  selected,
  onSelect,
  author,
  part,
  turn,
  className,
  children,
}: EntryProps) {
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
      <header className="flex items-center gap-2 text-small">
        <span className={cx("font-semibold", COLOURS[author])}>{TEXT.roles[author]}</span>
        <button
          type="button"
          onClick={() => onSelect(runId, index)}
          title={TEXT.details}
          className="num text-ink-3 hover:text-accent hover:underline"
        >
          #{index}
        </button>
        {part === 0 && turn?.duration_ms !== undefined ? (
          <span className="num text-ink-3">{durationText(turn.duration_ms)}</span>
        ) : null}
      </header>
      {children}
    </article>
  )
}

type EntryBodyProps = { entry: TranscriptEntry; turn: RunTurn; full: FullTurn }

function EntryBody({ entry, turn, full }: EntryBodyProps) {
  if (entry.kind === "call") return <Call entry={entry} turn={turn} full={full} />
  if (entry.isThinking) return <Thinking entry={entry} turn={turn} full={full} />
  // Words are for reading: only very long ones are folded.
  const { value } = entry.words
  const isLong = typeof value !== "string" || value.length > 4_000
  return <FoldedValue turn={turn} entry={entry.words} full={full} foldable={isLong} />
}

/** One line, until it is opened. */
function Thinking({ entry, turn, full }: EntryBodyProps & { entry: TranscriptEntry & { kind: "words" } }) {
  const [open, setOpen] = useState(false)
  const { value } = entry.words
  return (
    <>
      <button
        type="button"
        aria-expanded={open}
        onClick={() => setOpen(!open)}
        className="flex min-w-0 gap-2 text-left text-ink-3 hover:text-ink"
      >
        <span className="shrink-0">{TEXT.thinking}</span>
        {open ? null : (
          <span dir="auto" className="truncate italic">
            <Marked text={plainLine(typeof value === "string" ? value : "", 300)} />
          </span>
        )}
      </button>
      {open ? (
        <div className="border-l border-line-strong pl-3 text-ink-2">
          <FoldedValue turn={turn} entry={entry.words} full={full} foldable={false} />
        </div>
      ) : null}
    </>
  )
}

/** `$ command` or a tool with its arguments, then the output. */
function Call({ entry, turn, full }: EntryBodyProps & { entry: TranscriptEntry & { kind: "call" } }) {
  const { title, parameters, output } = entry
  return (
    <>
      {"command" in title ? (
        <pre dir="ltr" className="num font-medium whitespace-pre-wrap wrap-anywhere">
          <span className="text-ink-3 select-none">$ </span>
          <Marked text={showControls(title.command)} />
        </pre>
      ) : (
        <p dir="ltr" className="num wrap-anywhere">
          <span className="font-medium">
            <Marked text={title.tool} />
          </span>{" "}
          <span className="text-ink-2">
            <Marked text={title.args} />
          </span>
        </p>
      )}
      {parameters === undefined ? null : (
        <details>
          <summary className="num cursor-pointer text-small text-ink-3">{TEXT.parameters}</summary>
          <FoldedValue turn={turn} entry={parameters} full={full} foldable={false} />
        </details>
      )}
      {output === undefined ? null : <FoldedValue turn={turn} entry={output} full={full} />}
    </>
  )
}

/** The exit code, the error, and fields that weren't sent with the turn. */
function Failure({ turn, full }: { turn: RunTurn; full: FullTurn }) {
  const { error, exit_code: exitCode, output } = turn
  const showsExit = typeof output === "object" && output !== null && "exit_code" in output
  return (
    <>
      {exitCode === undefined || showsExit ? null : <ExitCode code={exitCode} />}
      {error === undefined ? null : (
        <div className="border-l-2 border-error pl-2">
          <p className="num text-small font-medium text-error">
            {TEXT.error}
            {error.type === undefined ? "" : ` · ${error.type}`}
          </p>
          <FoldedValue
            turn={turn}
            entry={{ field: "error", value: error.message, hint: "output", pointer: "/error/message" }}
            full={full}
          />
        </div>
      )}
      {omittedFields(turn).map(({ field, bytes }) => (
        <OmittedSection key={field} field={field} bytes={bytes} full={full} />
      ))}
    </>
  )
}
