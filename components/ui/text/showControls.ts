/**
 * Characters that a browser hides or lets reorder what surrounds them: controls but tab and newline, bidi marks and
 * overrides, zero-width space and joiners of words, line separators, and the invisible tag block.
 * The joiners U+200C and U+200D stay: scripts and emoji need them.
 */
const HIDDEN =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it is here to find
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb]|\udb40[\udc00-\udc7f]/g

/** Writes hidden characters visibly: a control picture for C0, `[U+202E]` for the rest; CR LF is one newline. Linear. */
export function showControls(text: string): string {
  return text.replace(/\r\n/g, "\n").replace(HIDDEN, visible)
}

/** One line without hidden characters, for titles and cells: whitespace runs become one space. Linear. */
export function oneLine(text: string, maxChars = 400): string {
  return text.slice(0, maxChars).replace(HIDDEN, " ").replace(/\s+/g, " ").trim()
}

function visible(hidden: string): string {
  const code = hidden.codePointAt(0) ?? 0
  if (code < 0x20) return String.fromCharCode(0x2400 + code)
  if (code === 0x7f) return "\u2421"
  return `[U+${code.toString(16).toUpperCase().padStart(4, "0")}]`
}
