"use client"

import { lazy, Suspense, useMemo } from "react"
import type { Format, FormatBodyProps } from "@/components/turn/formats/Format"
import { strings } from "@/components/turn/strings"
import { LongText } from "@/components/turn/text/LongText"
import { Marked } from "@/components/turn/text/Marked"
import { useValueSource } from "@/components/turn/text/ValueSource"
import { showControls } from "@/components/ui/text/showControls"
import { splitThinking } from "./splitThinking"

// If the script can't be loaded (the server was updated, the network is down), the source is shown.
const load = () => import("./MarkdownText").catch(() => ({ default: ProseText }))
const MarkdownText = lazy(load)

/** Loads the script that renders Markdown, so that the first text doesn't have to wait for it. */
export function preloadMarkdown(): void {
  void load()
}

export const markdownFormat: Format = {
  id: "markdown",
  name: strings.formats.markdown,
  detect: ({ value, json, hint }) => {
    if (typeof value !== "string" || json !== undefined) return "no"
    return hint === "prose" ? "best" : "possible"
  },
  Body: MarkdownBody,
}

function MarkdownBody({ input: { text }, pointer }: FormatBodyProps) {
  const { cutAt } = useValueSource()
  const split = useMemo(() => splitThinking(text), [text])
  // The offsets of a cut text count from its start.
  if (split === undefined || cutAt(pointer) !== undefined) return <Rendered text={text} pointer={pointer} />
  return (
    <div className="flex flex-col gap-2">
      <details className="text-ink-2">
        <summary className="cursor-pointer text-ink-3">{strings.blocks.thinking}</summary>
        <Rendered text={split.thinking} pointer={undefined} />
      </details>
      <Rendered text={text.slice(split.from)} pointer={undefined} />
    </div>
  )
}

function Rendered({ text, pointer }: LongMarkdownProps) {
  return (
    <Suspense fallback={<ProseText text={text} pointer={pointer} />}>
      <MarkdownText text={text} pointer={pointer} />
    </Suspense>
  )
}

type LongMarkdownProps = { text: string; pointer: string | undefined }

/** Markdown source in the font of the rendered text, so that little moves when the rendered text replaces it. */
function ProseText({ text, pointer }: LongMarkdownProps) {
  return (
    <LongText text={text} pointer={pointer}>
      {(piece) => (
        <p className="max-w-prose whitespace-pre-wrap wrap-anywhere [unicode-bidi:plaintext]">
          <Marked text={showControls(piece.text)} />
        </p>
      )}
    </LongText>
  )
}
