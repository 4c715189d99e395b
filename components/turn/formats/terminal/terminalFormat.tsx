import type { Format, FormatInput } from "@/components/turn/formats/Format"
import { strings } from "@/components/turn/strings"
import { TerminalText } from "./TerminalText"

/** How much of a long text is checked for control characters. */
const CHECKED_CHARS = 65_536

export const terminalFormat: Format = {
  id: "terminal",
  name: strings.formats.terminal,
  detect: (input) => {
    if (input.json !== undefined || typeof input.value !== "string") return "no"
    return isTerminal(input) ? "best" : "possible"
  },
  Body: ({ input, pointer }) => <TerminalText text={input.text} pointer={pointer} />,
}

function isTerminal({ text }: FormatInput): boolean {
  const head = text.slice(0, CHECKED_CHARS)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: terminal text has control characters
  return /\u001b[[\]()]|\r(?!\r*(?:\n|$))|[^\n]\u0008/.test(head)
}
