import { keepChars } from "@/lib/trace/keepChars"

/**
 * Characters that browsers hide or that reorder the text around them: control characters except tab and newline,
 * bidirectional marks and overrides, zero-width spaces, line separators, and the invisible tag block.
 * Not the joiners U+200C and U+200D, which scripts and emoji need.
 */
const HIDDEN =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this matches
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb]|\udb40[\udc00-\udc7f]/g

/**
 * Makes hidden characters visible: C0 controls as control pictures, other characters as `[U+202E]`. CR LF becomes a
 * newline.
 */
export function showControls(text: string): string {
  return text.replace(/\r\n/g, "\n").replace(HIDDEN, visible)
}

/** Returns the text as one line without hidden characters, for titles and cells. Whitespace becomes single spaces. */
export function oneLine(text: string, maxChars = 400): string {
  return keepChars(text, maxChars).replace(HIDDEN, " ").replace(/\s+/g, " ").trim()
}

function visible(hidden: string): string {
  const code = hidden.codePointAt(0) ?? 0
  if (code < 0x20) return String.fromCharCode(0x2400 + code)
  if (code === 0x7f) return "\u2421"
  return `[U+${code.toString(16).toUpperCase().padStart(4, "0")}]`
}
