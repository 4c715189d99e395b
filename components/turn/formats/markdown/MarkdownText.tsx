"use client"

import { useMemo } from "react"
import { LongText } from "@/components/turn/text/LongText"
import { cx } from "@/components/ui/cx"
import { showControls } from "@/components/ui/text/showControls"
import { fencedPiece, fencedTail, findFences } from "./fences"
import { MarkdownNodes } from "./MarkdownNodes"
import { parseMarkdown } from "./parseMarkdown"

// The browser shapes a very long word again for each possible break, unless kerning and ligatures are off.
const UNBROKEN = /\S{400}/
const PLAIN_SHAPES = "[font-kerning:none] [font-variant-ligatures:none]"

/** Markdown, rendered with a fixed set of elements: no HTML, no external images. */
export default function MarkdownText({ text, pointer }: { text: string; pointer: string | undefined }) {
  // Pieces are rendered separately, but a code block may span several of them.
  const fences = useMemo(() => findFences(text), [text])
  return (
    <LongText text={text} pointer={pointer}>
      {({ text: piece, from }) => (
        <MarkdownPiece text={from === undefined ? fencedTail(piece) : fencedPiece(piece, from, fences)} />
      )}
    </LongText>
  )
}

function MarkdownPiece({ text }: { text: string }) {
  const nodes = useMemo(() => parseMarkdown(showControls(text)), [text])
  return (
    <div className={cx("flex max-w-prose flex-col gap-2 wrap-anywhere", UNBROKEN.test(text) && PLAIN_SHAPES)}>
      <MarkdownNodes nodes={nodes} />
    </div>
  )
}
