"use client"

import { type CSSProperties, useMemo, useState } from "react"
import { strings } from "@/components/turn/strings"
import { LongText } from "@/components/turn/text/LongText"
import { Marked } from "@/components/turn/text/Marked"
import { showControls } from "@/components/ui/text/showControls"
import type { AnsiSpan } from "./parseAnsi"
import { type ScreenOptions, type ScreenPart, screenParts } from "./screenLines"
import type { AnsiStyle } from "./sgr"
import { spanColors } from "./spanColors"
import styles from "./terminal.module.css"

/** Text as a terminal shows it: with colors, and overwritten lines in their last state. */
export function TerminalText({ text, pointer }: { text: string; pointer: string | undefined }) {
  return (
    <LongText text={text} pointer={pointer}>
      {(piece) => <TerminalPiece text={piece.text} {...midLine(piece)} />}
    </LongText>
  )
}

function midLine({ startsMidLine, endsMidLine }: Required<ScreenOptions>): Required<ScreenOptions> {
  return { startsMidLine, endsMidLine }
}

function TerminalPiece({ text, startsMidLine, endsMidLine }: { text: string } & Required<ScreenOptions>) {
  const parts = useMemo(
    () => screenParts(text, { startsMidLine, endsMidLine }),
    [text, startsMidLine, endsMidLine],
  )
  const isCapped = parts.some((part) => part.text.capped)
  return (
    <div dir="ltr">
      <div className={`num whitespace-pre-wrap wrap-anywhere [unicode-bidi:plaintext] ${styles.terminal}`}>
        {parts.map((part, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: parts are identified by their order; the text never changes
          <Part key={at} part={part} />
        ))}
      </div>
      {isCapped ? <p className="text-small text-ink-3">{strings.terminal.tooManyColors}</p> : null}
    </div>
  )
}

function Part({ part }: { part: ScreenPart }) {
  // Browsers don't wrap the text of a <pre>, even if its parent's text wraps.
  if (part.kind === "lines")
    return <pre className="contents whitespace-pre-wrap">{spansOf(part.text.spans)}</pre>
  return <OverwrittenLine part={part} />
}

function OverwrittenLine({ part }: { part: ScreenPart & { kind: "overwritten" } }) {
  const [open, setOpen] = useState(false)
  return (
    <div>
      {spansOf(part.text.spans)}{" "}
      <button
        type="button"
        aria-expanded={open}
        onClick={() => setOpen(!open)}
        className="rounded-small border border-line px-1 text-small text-ink-3 hover:text-accent"
      >
        {strings.terminal.states(part.count)}
      </button>
      {open ? (
        <pre className="max-h-60 overflow-auto border-l border-line-strong pl-2 whitespace-pre-wrap text-ink-2">
          <Marked text={showControls(part.states)} />
        </pre>
      ) : null}
    </div>
  )
}

function spansOf(spans: readonly AnsiSpan[]) {
  return spans.map((span, at) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: spans are identified by their order; the text never changes
    <span key={at} style={cssOf(span.style)}>
      <Marked text={showControls(span.text)} />
    </span>
  ))
}

function cssOf(style: AnsiStyle): CSSProperties {
  const lines = [style.underline && "underline", style.overline && "overline", style.strike && "line-through"]
  const decoration = lines.filter(Boolean).join(" ")
  return {
    ...spanColors(style),
    ...(style.bold && { fontWeight: 600 }),
    ...(style.dim && { opacity: 0.75 }),
    ...(style.italic && { fontStyle: "italic" }),
    ...(decoration !== "" && {
      textDecorationLine: decoration,
      ...(style.underline !== undefined && { textDecorationStyle: style.underline }),
      ...(style.underlineColor !== undefined && { textDecorationColor: style.underlineColor }),
    }),
  }
}
