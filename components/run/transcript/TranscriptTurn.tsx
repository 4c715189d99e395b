"use client"

import { ChevronRight } from "lucide-react"
import { type ComponentProps, memo, type ReactNode, useState } from "react"
import { strings } from "@/components/run/strings"
import { ExitCode } from "@/components/turn/formats/streams/StreamsView"
import { OmittedSection } from "@/components/turn/moreSections"
import { Marked } from "@/components/turn/text/Marked"
import { omittedFields } from "@/components/turn/turnCuts"
import { type FullTurn, useFullTurn } from "@/components/turn/useFullTurn"
import { cx } from "@/components/ui/cx"
import { plainLine } from "@/components/ui/text/plainLine"
import { oneLine, showControls } from "@/components/ui/text/showControls"
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
      {body.state === "loading" ? <Entry {...props} author="model" className="h-16" /> : null}
      {body.state === "error" ? <p className="text-failure">{TEXT.loadFailed(body.error.message)}</p> : null}
      {body.state === "turn" ? <TurnEntries {...props} turn={body.turn} full={full} /> : null}
    </div>
  )
})

type TurnEntriesProps = TranscriptTurnProps & { turn: RunTurn; full: FullTurn }

function TurnEntries({ turn, full, ...props }: TurnEntriesProps) {
  const groups = groupEntries(transcriptEntries(turn))
  const failure = <Failure turn={turn} full={full} />
  if (groups.length === 0) {
    return (
      <Entry {...props} author={turn.kind} event={turn.event} durationMs={turn.duration_ms}>
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
        // A turn's time is that of what was done, not of what was asked.
        durationMs={isLast ? turn.duration_ms : undefined}
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

type EntryGroup = { role: TranscriptRole; entries: TranscriptEntry[] }

/** Words of one author in a row are one entry: what a model thinks and says. */
function groupEntries(entries: readonly TranscriptEntry[]): EntryGroup[] {
  const groups: EntryGroup[] = []
  for (const entry of entries) {
    const last = groups.at(-1)
    if (last?.role === entry.role && entry.kind === "words") last.entries.push(entry)
    else groups.push({ role: entry.role, entries: [entry] })
  }
  return groups
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
  event?: string | undefined
  durationMs?: number | undefined
} & Pick<ComponentProps<"article">, "className" | "children">

function Entry(props: EntryProps) {
  const { runId, index, total, selected, onSelect, author, event, durationMs, className, children } = props
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
        <span className={cx("font-semibold", COLOURS[author])}>{TEXT.roles[author]}</span>
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
      </header>
      {children}
    </article>
  )
}

type EntryBodyProps = { entry: TranscriptEntry; turn: RunTurn; full: FullTurn }

function EntryBody({ entry, turn, full }: EntryBodyProps) {
  if (entry.kind === "call") return <Call entry={entry} turn={turn} full={full} />
  if (entry.kind === "history") return <History entry={entry} turn={turn} full={full} />
  if (entry.isThinking) return <Thinking entry={entry} turn={turn} full={full} />
  return <FoldedValue turn={turn} entry={entry.words} full={full} foldedPx={wordsFold(entry)} />
}

/** Words are for reading: an answer is folded only if it is very long, other words if they fill half a screen. */
function wordsFold({ role, words }: TranscriptEntry & { kind: "words" }): number | undefined {
  const isAnswer = role === "model" && typeof words.value === "string"
  if (isAnswer) return String(words.value).length > 8_000 ? 480 : undefined
  return 320
}

/** The messages that the model was sent again. */
function History({ entry, turn, full }: EntryBodyProps & { entry: TranscriptEntry & { kind: "history" } }) {
  const [open, setOpen] = useState(false)
  return (
    <>
      <Toggle open={open} onToggle={() => setOpen(!open)}>
        {TEXT.history(entry.count)}
      </Toggle>
      {open ? <FoldedValue turn={turn} entry={entry.words} full={full} /> : null}
    </>
  )
}

type ToggleProps = { open: boolean; onToggle: () => void; children: ReactNode }

function Toggle({ open, onToggle, children }: ToggleProps) {
  return (
    <button
      type="button"
      aria-expanded={open}
      onClick={onToggle}
      className="flex min-w-0 items-center gap-1 self-start rounded-small text-left text-ink-3 hover:text-ink"
    >
      <ChevronRight className={cx("size-3.5 shrink-0 transition-transform", open && "rotate-90")} />
      {children}
    </button>
  )
}

/** One line, until it is opened. */
function Thinking({ entry, turn, full }: EntryBodyProps & { entry: TranscriptEntry & { kind: "words" } }) {
  const [open, setOpen] = useState(false)
  const { value } = entry.words
  return (
    <>
      <Toggle open={open} onToggle={() => setOpen(!open)}>
        <span className="shrink-0">{TEXT.thinking}</span>
        {open ? null : (
          <span dir="auto" className="truncate pl-1 italic">
            <Marked text={plainLine(typeof value === "string" ? value : "", 300)} />
          </span>
        )}
      </Toggle>
      {open ? (
        <div className="border-l border-line-strong pl-3 text-ink-2">
          <FoldedValue turn={turn} entry={entry.words} full={full} foldedPx={undefined} />
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
      ) : null}
      {"tool" in title || title.args !== "" ? (
        <p dir="ltr" className="num wrap-anywhere text-ink-2">
          {"tool" in title ? (
            <span className="pr-1.5 font-medium text-ink">
              <Marked text={oneLine(title.tool)} />
            </span>
          ) : null}
          <Marked text={title.args} />
        </p>
      ) : null}
      {parameters === undefined ? null : (
        <details>
          <summary className="num cursor-pointer text-small text-ink-3">{TEXT.parameters}</summary>
          <FoldedValue turn={turn} entry={parameters} full={full} foldedPx={undefined} />
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
