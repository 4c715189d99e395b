/** The fields of a `KeyboardEvent` that `keyName` uses. */
export type KeyPress = Pick<
  KeyboardEvent,
  "key" | "code" | "keyCode" | "ctrlKey" | "metaKey" | "altKey" | "shiftKey" | "isComposing"
>

/** Punctuation by position on a US keyboard, plain and with Shift. */
const PUNCTUATION: Record<string, readonly [plain: string, shifted: string]> = {
  BracketLeft: ["[", "{"],
  BracketRight: ["]", "}"],
  Slash: ["/", "?"],
  Comma: [",", "<"],
  Period: [".", ">"],
}

/**
 * The `keyCode` of a key press that an input method processes. Safari doesn't set `isComposing` for the last press of a
 * composition.
 */
const IME_KEY_CODE = 229

/**
 * Returns the name under which a key press is bound: its character, or for non-Latin scripts, the character at the same
 * position on a US keyboard. With Ctrl or Cmd, the name starts with `mod+`.
 *
 * @returns undefined for presses that belong to an input method, and for Alt combinations except punctuation such as
 * `[`, which many layouts type with AltGr or Option.
 */
export function keyName(press: KeyPress): string | undefined {
  if (press.isComposing || press.keyCode === IME_KEY_CODE) return undefined
  const key = latinKey(press)
  if (press.altKey) return /^[!-/:-@[-`{-~]$/.test(key) ? key : undefined
  return press.ctrlKey || press.metaKey ? `mod+${key.toLowerCase()}` : key
}

function latinKey({ key, code, shiftKey }: KeyPress): string {
  if (key.length > 2 || /^[\p{ASCII}\p{Script=Latin}]+$/u.test(key)) return key
  const letter = /^Key([A-Z])$/.exec(code)?.[1]
  if (letter !== undefined) return shiftKey ? letter : letter.toLowerCase()
  return PUNCTUATION[code]?.[shiftKey ? 1 : 0] ?? key
}
