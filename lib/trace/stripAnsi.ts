/** SGR colours, cursor movement and other control sequences (CSI). */
// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences start with one
const ANSI_SEQUENCE = /\u001b\[[0-9;:?]{0,64}[A-Za-z]/g

/** A text without its terminal control sequences. Linear. */
export function stripAnsi(text: string): string {
  return text.includes("\u001b") ? text.replace(ANSI_SEQUENCE, "") : text
}
