import { plainLine } from "@/components/ui/text/plainLine"

/**
 * Returns the last non-empty line of a string, without Markdown. `lacksStart`: the start of the string was cut off, so
 * its first line may be incomplete.
 */
export function lastLine(text: string, lacksStart = false): string {
  const lines = text.split("\n").map((line) => plainLine(line, 300))
  const at = lines.findLastIndex((line) => line !== "")
  return `${lacksStart && at === 0 ? "…" : ""}${lines[at] ?? ""}`
}
