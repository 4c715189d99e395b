import type { Format } from "@/components/turn/formats/Format"
import { strings } from "@/components/turn/strings"
import { DiffText } from "./DiffText"
import { isDiff } from "./readDiff"

/** How much of a long text is checked. */
const CHECKED_CHARS = 20_000

export const diffFormat: Format = {
  id: "diff",
  name: strings.formats.diff,
  detect: ({ value, json, text, hint }) => {
    if (typeof value !== "string" || json !== undefined || text.includes("\u001b[")) return "no"
    const head = text.slice(0, CHECKED_CHARS)
    // Prose that quotes a diff stays prose.
    const isWhole = hint === "output" || /^(?:diff |--- |@@ -|\*\*\* Begin Patch)/.test(head.trimStart())
    if (isWhole && isDiff(head)) return "best"
    return /^@@ -\d|^\*\*\* Begin Patch/m.test(head) ? "possible" : "no"
  },
  Body: ({ input, pointer }) => <DiffText text={input.text} pointer={pointer} />,
}
