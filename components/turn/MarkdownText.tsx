"use client"

import { useMemo } from "react"
import { MarkdownNodes } from "./MarkdownNodes"
import { parseMarkdown } from "./parseMarkdown"
import { ShowMore } from "./ShowMore"
import { showControls } from "./showControls"
import { useCut } from "./useCut"

/** Reading hostile Markdown costs more than its length; this much of it stays within a frame or two. */
const FIRST_CHARS = 16_384

/** Markdown drawn from a closed list of elements: no HTML, no picture from anywhere. */
export default function MarkdownText({ text }: { text: string }) {
  const { shown, left, more } = useCut(text, FIRST_CHARS)
  const nodes = useMemo(() => parseMarkdown(showControls(shown)), [shown])
  return (
    <div dir="auto" className="flex max-w-prose flex-col gap-2 wrap-anywhere">
      <MarkdownNodes nodes={nodes} />
      <ShowMore left={left} unit="characters" onMore={more} />
    </div>
  )
}
