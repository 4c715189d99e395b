"use client"

import { useMemo } from "react"
import { ShowMore } from "@/components/turn/formats/ShowMore"
import { useCut } from "@/components/turn/useCut"
import { cx } from "@/components/ui/cx"
import { showControls } from "@/components/ui/text/showControls"
import { MarkdownNodes } from "./MarkdownNodes"
import { parseMarkdown } from "./parseMarkdown"

/** Reading hostile Markdown costs more than its length; this much of it stays within a frame or two. */
const FIRST_CHARS = 16_384

// A word of thousands of characters is shaped anew from each place where it is broken, unless no two of them touch.
const UNBROKEN = /\S{400}/
const PLAIN_SHAPES = "[font-kerning:none] [font-variant-ligatures:none]"

/** Markdown drawn from a closed list of elements: no HTML, no picture from anywhere. */
export default function MarkdownText({ text }: { text: string }) {
  const { shown, left, more } = useCut(text, FIRST_CHARS)
  const nodes = useMemo(() => parseMarkdown(showControls(shown)), [shown])
  return (
    <div
      dir="auto"
      className={cx("flex max-w-prose flex-col gap-2 wrap-anywhere", UNBROKEN.test(shown) && PLAIN_SHAPES)}
    >
      <MarkdownNodes nodes={nodes} />
      <ShowMore left={left} unit="characters" onMore={more} />
    </div>
  )
}
