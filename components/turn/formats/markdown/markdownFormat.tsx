"use client"

import { lazy, Suspense } from "react"
import type { Format } from "@/components/turn/formats/Format"
import { strings } from "@/components/turn/strings"
import { ProseText } from "./ProseText"

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
