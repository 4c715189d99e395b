"use client"

import { lazy, Suspense } from "react"
import type { Format } from "@/components/turn/formats/Format"
import { strings } from "@/components/turn/strings"
import { LongText } from "@/components/turn/text/LongText"
import { Marked } from "@/components/turn/text/Marked"
import { showControls } from "@/components/ui/text/showControls"

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
  Body: ({ input, pointer }) => (
    <Suspense fallback={<ProseText text={input.text} pointer={pointer} />}>
      <MarkdownText text={input.text} pointer={pointer} />
    </Suspense>
  ),
}

/** Markdown source in the font of the rendered text, so that little moves when the rendered text replaces it. */
function ProseText({ text, pointer }: { text: string; pointer: string | undefined }) {
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
