import { stripAnsi } from "@/lib/trace/stripAnsi"

const ASCII = /^[\0-\x7f]*$/
/**
 * Characters that are never converted. They would become ASCII characters, and a search would find characters that the
 * text doesn't contain.
 */
const KEPT = /[\u0130\u037e\u1fef\u212a]/
const NOT_KEPT = /[^\u0130\u037e\u1fef\u212a]+/g
/** NUL and lone surrogates, which not every store can hold. */
const UNSTORABLE = /\0|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g

/** Prepares a string for searching and quoting: composed (NFC) and without terminal control sequences. */
export function shownText(text: string): string {
  const shown = stripAnsi(text)
  return ASCII.test(shown) ? shown : convert(shown, (part) => part.normalize("NFC"))
}

/**
 * Converts a string to lower case for comparison. A string that `shownText` returned keeps its length, so that
 * positions stay valid.
 */
export function foldText(text: string): string {
  if (ASCII.test(text))
    return text.includes("\0") ? text.toLowerCase().replace(UNSTORABLE, "\ufffd") : text.toLowerCase()
  // "Σ" becomes "ς" at the end of a word and "σ" elsewhere; both are replaced by "σ".
  return convert(text, (part) => part.toLowerCase())
    .replaceAll("ς", "σ")
    .replace(UNSTORABLE, "\ufffd")
}

function convert(text: string, to: (part: string) => string): string {
  return KEPT.test(text) ? text.replace(NOT_KEPT, to) : to(text)
}
