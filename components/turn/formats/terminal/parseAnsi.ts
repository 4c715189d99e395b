import { type AnsiStyle, applySgr } from "./sgr"

export type AnsiSpan = { text: string; style: AnsiStyle }
export type AnsiText = { spans: AnsiSpan[]; capped: boolean }

/** A piece of text, or a control sequence. */
export type AnsiToken =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "sgr"; readonly params: string }
  /** A CSI sequence such as `ESC[2K`. */
  | { readonly kind: "control"; readonly final: string; readonly params: string }

const ESC = "\u001b"
const MAX_SPANS = 2_000
/** Anything longer is probably not a command string (a link, a title), but text that happens to start like one. */
const MAX_COMMAND_CHARS = 4_096

/**
 * Parses terminal text in one pass. SGR colors become spans; all other control sequences (cursor movement, titles,
 * links, clipboard) are dropped. Beyond `maxSpans`, the rest is one unstyled span and `capped` is true. No library does
 * this with a limit on spans.
 */
export function parseAnsi(text: string, maxSpans = MAX_SPANS): AnsiText {
  const spans: AnsiSpan[] = []
  let style: AnsiStyle = {}
  let plain = ""
  const flush = () => {
    if (plain !== "") spans.push({ text: plain, style })
    plain = ""
  }
  for (const token of ansiTokens(text)) {
    if (token.kind === "text") plain += token.text
    else if (token.kind === "sgr" && spans.length < maxSpans) {
      flush()
      style = applySgr(style, token.params)
    }
  }
  flush()
  return { spans, capped: spans.length > maxSpans }
}

/**
 * Splits terminal text into text and control sequences. Drops titles, links and clipboard commands. Takes linear time.
 */
export function* ansiTokens(text: string): Generator<AnsiToken> {
  const commandEnd = commandEnds(text)
  let at = 0
  while (at < text.length) {
    const next = text.indexOf(ESC, at)
    const stop = next === -1 ? text.length : next
    if (stop > at) yield { kind: "text", text: text.slice(at, stop) }
    if (next === -1) return
    const sequence = readSequence(text, next, commandEnd)
    at = sequence.end
    if (sequence.token !== undefined) yield sequence.token
  }
}

type Sequence = { end: number; token?: AnsiToken }

function readSequence(text: string, at: number, commandEnd: (from: number) => number): Sequence {
  const kind = text[at + 1]
  if (kind === "[") return readControl(text, at + 2)
  if (kind !== undefined && "]PX^_".includes(kind)) {
    const end = commandEnd(at + 2)
    return { end: end - at > MAX_COMMAND_CHARS ? at + 2 : end }
  }
  if (kind !== undefined && "()*+#%".includes(kind)) return { end: Math.min(at + 3, text.length) }
  return { end: at + (kind !== undefined && kind >= "0" && kind <= "~" ? 2 : 1) }
}

function readControl(text: string, from: number): Sequence {
  let at = from
  while (at < text.length && isBetween(text, at, 0x20, 0x3f)) at++
  if (!isBetween(text, at, 0x40, 0x7e)) return { end: at }
  const params = text.slice(from, at)
  const final = text[at] ?? ""
  if (params.length > 64 || !/^[\d;:]*$/.test(params)) return { end: at + 1 }
  return { end: at + 1, token: final === "m" ? { kind: "sgr", params } : { kind: "control", final, params } }
}

function isBetween(text: string, at: number, low: number, high: number): boolean {
  const code = text.charCodeAt(at)
  return code >= low && code <= high
}

/**
 * Finds the end of a command string (BEL or ST). Caches the last result, so that all searches together take linear
 * time.
 */
function commandEnds(text: string): (from: number) => number {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters end a command string
  const pattern = /\u0007|\u001b\\|\u009c/g
  let start = 0
  let found = -1
  return (from) => {
    if (found >= from && start <= from) return found
    pattern.lastIndex = from
    start = from
    const match = pattern.exec(text)
    found = match === null ? Number.POSITIVE_INFINITY : match.index + match[0].length
    return found
  }
}
