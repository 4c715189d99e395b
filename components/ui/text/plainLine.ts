import { oneLine } from "./showControls"

/**
 * Converts prose to one line without Markdown syntax for headings, quotes, bold, emphasis and code. Keeps characters
 * that may be meant literally (`__init__`, `2 * 3 * 4`). Takes linear time, because the patterns and the line have a
 * maximum length.
 */
export function plainLine(text: string, maxChars = 400): string {
  const lines = text.slice(0, maxChars * 4).replace(/\n[ \t]{0,3}(?:#{1,6}|>|[-*]) /g, "\n")
  return withoutSyntax(oneLine(lines, maxChars))
}

function withoutSyntax(line: string): string {
  if (!/[#>*`]/.test(line)) return line
  const bare = line
    .replace(/^(?:#{1,6}|>) /, "")
    .replace(/```\w{0,20} ?/g, "")
    .replace(/`([^`]{1,200})`/g, "$1")
    .replace(/\*\*([^*]{1,200})\*\*/g, "$1")
    .replace(/(^|[\s("“])\*([^*\s](?:[^*]{0,200}[^*\s])?)\*(?=$|[\s.,;:!?)"”])/g, "$1$2")
  // In a truncated title, bold text may be unclosed.
  return bare.replace(/^\*\*(?=[^*\s])/, "").trim() || line
}
