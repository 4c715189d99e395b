"use client"

import { ChevronRight } from "lucide-react"
import { type ReactNode, useState } from "react"
import { strings } from "@/components/run/strings"
import { Marked } from "@/components/turn/text/Marked"
import type { FullTurn } from "@/components/turn/useFullTurn"
import { cx } from "@/components/ui/cx"
import { plainLine } from "@/components/ui/text/plainLine"
import { oneLine, showControls } from "@/components/ui/text/showControls"
import type { RunTurn } from "@/lib/protocol/turn"
import { FoldedValue } from "./FoldedValue"
import type { TranscriptEntry } from "./TranscriptEntry"

const TEXT = strings.transcript

export type EntryBodyProps = { entry: TranscriptEntry; turn: RunTurn; full: FullTurn }

/** The content of an entry, in a suitable form. */
export function EntryBody({ entry, turn, full }: EntryBodyProps) {
  if (entry.kind === "call") return <Call entry={entry} turn={turn} full={full} />
  if (entry.kind === "history") return <History entry={entry} turn={turn} full={full} />
  if (entry.isThinking) return <Thinking entry={entry} turn={turn} full={full} />
  return <FoldedValue turn={turn} entry={entry.content} full={full} foldedPx={foldOf(entry)} />
}

/** Returns the height at which text is folded: an answer only if it is very long, other text at half a screen. */
function foldOf({ role, content }: TranscriptEntry & { kind: "text" }): number | undefined {
  const isAnswer = role === "model" && typeof content.value === "string"
  if (isAnswer) return String(content.value).length > 8_000 ? 480 : undefined
  return 320
}

/** Earlier messages that were sent to the model again. */
function History({ entry, turn, full }: EntryBodyProps & { entry: TranscriptEntry & { kind: "history" } }) {
  const [open, setOpen] = useState(false)
  return (
    <>
      <Toggle open={open} onToggle={() => setOpen(!open)}>
        {TEXT.history(entry.count)}
      </Toggle>
      {open ? <FoldedValue turn={turn} entry={entry.content} full={full} /> : null}
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
      className="flex max-w-full min-w-0 items-center gap-1 self-start rounded-small text-left text-ink-3 hover:text-ink"
    >
      <ChevronRight className={cx("size-3.5 shrink-0 transition-transform", open && "rotate-90")} />
      {children}
    </button>
  )
}

/** The model's thinking, on one line until it is opened. */
function Thinking({ entry, turn, full }: EntryBodyProps & { entry: TranscriptEntry & { kind: "text" } }) {
  const [open, setOpen] = useState(false)
  const { value } = entry.content
  return (
    <>
      <Toggle open={open} onToggle={() => setOpen(!open)}>
        <span className="shrink-0">{TEXT.thinking}</span>
        {open ? null : (
          <span dir="auto" className="min-w-0 truncate pl-1 italic">
            <Marked text={plainLine(typeof value === "string" ? value : "", 300)} />
          </span>
        )}
      </Toggle>
      {open ? (
        <div className="border-l border-line-strong pl-3 text-ink-2">
          <FoldedValue turn={turn} entry={entry.content} full={full} foldedPx={undefined} />
        </div>
      ) : null}
    </>
  )
}

/** Returns true if a call returned an empty string, without an error or a failing exit code. */
function saysNothing({ output, error, exit_code: exitCode = 0 }: RunTurn): boolean {
  return output === "" && error === undefined && exitCode === 0
}

/** `$ command` or a tool with its arguments, then the output. */
function Call({ entry, turn, full }: EntryBodyProps & { entry: TranscriptEntry & { kind: "call" } }) {
  const { title, parameters, isOpen, output, streams } = entry
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
      {parameters !== undefined && isOpen ? <FoldedValue turn={turn} entry={parameters} full={full} /> : null}
      {parameters === undefined || isOpen ? null : (
        <details>
          <summary className="num cursor-pointer text-small text-ink-3">{TEXT.parameters}</summary>
          <FoldedValue turn={turn} entry={parameters} full={full} foldedPx={undefined} />
        </details>
      )}
      {output === undefined ? null : <FoldedValue turn={turn} entry={output} full={full} />}
      {saysNothing(turn) && streams === undefined ? <p className="text-ink-3">{TEXT.noOutput}</p> : null}
      {streams === undefined ? null : <FoldedValue turn={turn} entry={streams} full={full} />}
    </>
  )
}
