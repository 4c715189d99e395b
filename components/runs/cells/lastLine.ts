import { plainLine } from "@/components/ui/text/plainLine"

/** The last line of a text that isn't empty, without Markdown. */
export function lastLine(text: string): string {
  const lines = text.split("\n").map((line) => plainLine(line, 300))
  return lines.findLast((line) => line !== "") ?? ""
}
