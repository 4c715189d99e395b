import { plainLine } from "@/components/ui/text/plainLine"

/** The last line of a text that isn't empty, without Markdown. If the text lacks its start, so may the line: "…" says so. */
export function lastLine(text: string, lacksStart = false): string {
  const lines = text.split("\n").map((line) => plainLine(line, 300))
  const at = lines.findLastIndex((line) => line !== "")
  return `${lacksStart && at === 0 ? "…" : ""}${lines[at] ?? ""}`
}
