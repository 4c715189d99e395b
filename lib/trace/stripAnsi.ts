/**
 * Control sequences (CSI: colors, cursor movement), command strings (titles, links), character sets and two-character
 * escapes. A command string without an end loses only its first two characters.
 */
const ANSI_SEQUENCE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences start with one
  /\u001b(?:\[[0-?]{0,64}[ -/]{0,8}[@-~]?|[\]PX^_](?:[^\u0007\u001b\u009c]{0,4096}(?:\u0007|\u001b\\|\u009c))?|[()*+#%][ -~]?|[0-~])/g

/** Removes terminal control sequences from a string. Takes linear time. */
export function stripAnsi(text: string): string {
  return text.includes("\u001b") ? text.replace(ANSI_SEQUENCE, "") : text
}
