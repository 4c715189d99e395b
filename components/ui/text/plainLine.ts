import { oneLine } from "./showControls"

/**
 * Prose in one line without the marks of Markdown: heading, quote, bold, emphasis, code. What they mark stays, and so does
 * every mark that may be meant (`__init__`, `2 * 3 * 4`). Linear: each pattern is bounded, so is the line.
 */
export function plainLine(text: string, maxChars = 400): string {
  return withoutMarks(oneLine(text, maxChars))
}

function withoutMarks(line: string): string {
  if (!/[#>*`]/.test(line)) return line
  const bare = line
    .replace(/^(?:#{1,6}|>) /, "")
    .replace(/```\w{0,20} ?/g, "")
    .replace(/`([^`]{1,200})`/g, "$1")
    .replace(/\*\*([^*]{1,200})\*\*/g, "$1")
    .replace(/(^|[\s("“])\*([^*\s](?:[^*]{0,200}[^*\s])?)\*(?=$|[\s.,;:!?)"”])/g, "$1$2")
  // A title that was cut lost the end of what its first marks began.
  return bare.replace(/^\*\*(?=[^*\s])/, "").trim() || line
}
