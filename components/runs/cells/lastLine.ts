import { plainLine } from "@/components/ui/text/plainLine"

/**
 * Returns the last non-empty line of a text, without Markdown. `lacksStart`: the text was cut, and the line may be,
 * too.
 */
export function lastLine(text: string, lacksStart = false): string {
  const lines = text.split("\n").map((line) => plainLine(line, 300))
  const at = lines.findLastIndex((line) => line !== "")
  return `${lacksStart && at === 0 ? "…" : ""}${lines[at] ?? ""}`
}
