import { stripAnsi } from "@/lib/trace/stripAnsi"

const ASCII = /^[\0-\x7f]*$/
/** These would become ASCII characters, so that a text and its stored form would no longer have the same ASCII. */
const KEPT = /[\u0130\u037e\u1fef\u212a]/
const NOT_KEPT = /[^\u0130\u037e\u1fef\u212a]+/g
/** A NUL and half a surrogate pair: not every store can hold them. */
const UNSTORABLE = /\0|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g

/** A text as it is searched and quoted: composed (NFC) and without terminal control sequences. */
export function shownText(text: string): string {
  const shown = stripAnsi(text)
  return ASCII.test(shown) ? shown : convert(shown, (part) => part.normalize("NFC"))
}

/** The form in which texts are compared: lower case. Of a shown text, it has the same length and the same positions. */
export function foldText(text: string): string {
  if (ASCII.test(text))
    return text.includes("\0") ? text.toLowerCase().replace(UNSTORABLE, "\ufffd") : text.toLowerCase()
  // "Σ" becomes "ς" at the end of a word and "σ" elsewhere.
  return convert(text, (part) => part.toLowerCase())
    .replaceAll("ς", "σ")
    .replace(UNSTORABLE, "\ufffd")
}

function convert(text: string, to: (part: string) => string): string {
  return KEPT.test(text) ? text.replace(NOT_KEPT, to) : to(text)
}
