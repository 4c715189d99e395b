"use client"

import { lazy, Suspense } from "react"
import type { Format } from "@/components/turn/formats/Format"
import { PlainText } from "@/components/turn/formats/text/PlainText"
import { strings } from "@/components/turn/strings"

// If the script can't be loaded (the server was updated, the network is down), the text is shown as it is.
const MarkdownText = lazy(() => import("./MarkdownText").catch(() => ({ default: PlainText })))

export const markdownFormat: Format = {
  id: "markdown",
  name: strings.formats.markdown,
  detect: ({ value, json, hint }) => {
    if (typeof value !== "string" || json !== undefined) return "no"
    return hint === "prose" ? "best" : "possible"
  },
  Body: ({ input, pointer }) => (
    <Suspense fallback={<PlainText text={input.text} pointer={pointer} />}>
      <MarkdownText text={input.text} pointer={pointer} />
    </Suspense>
  ),
}
