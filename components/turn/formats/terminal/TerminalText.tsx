"use client"

import { type CSSProperties, useMemo } from "react"
import { ShowMore } from "@/components/turn/formats/ShowMore"
import { useCut } from "@/components/turn/useCut"
import { showControls } from "@/components/ui/text/showControls"
import { type AnsiStyle, parseAnsi } from "./parseAnsi"
import { spanColours } from "./spanColours"
import styles from "./terminal.module.css"

/** Text as a terminal would colour it; nothing but colour is carried out. */
export function TerminalText({ text }: { text: string }) {
  const { shown, left, more } = useCut(text)
  const { spans, capped } = useMemo(() => parseAnsi(shown), [shown])
  return (
    <>
      <pre className={`num whitespace-pre-wrap wrap-anywhere ${styles.terminal}`}>
        {spans.map((span, place) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a span has no name but its place, and the text never changes
          <span key={place} style={cssOf(span.style)}>
            {terminalText(span.text)}
          </span>
        ))}
      </pre>
      {capped ? (
        <p className="text-small text-ink-3">Too many colour changes; the rest is shown without.</p>
      ) : null}
      <ShowMore left={left} unit="characters" onMore={more} />
    </>
  )
}

/** A lone carriage return starts a line, so that a progress bar hides nothing that it has overwritten. */
function terminalText(text: string): string {
  return showControls(text.replace(/\r+\n/g, "\n").replace(/\r/g, "\n"))
}

function cssOf(style: AnsiStyle): CSSProperties {
  return {
    ...spanColours(style),
    ...(style.bold && { fontWeight: 600 }),
    ...(style.dim && { opacity: 0.75 }),
    ...(style.italic && { fontStyle: "italic" }),
    ...((style.underline || style.strike) && {
      textDecoration: [style.underline && "underline", style.strike && "line-through"]
        .filter(Boolean)
        .join(" "),
    }),
  }
}
