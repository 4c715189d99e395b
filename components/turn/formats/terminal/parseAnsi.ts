/** How a stretch of terminal text looks; colours are CSS values. */
export type AnsiStyle = {
  fg?: string
  bg?: string
  bold?: boolean
  dim?: boolean
  italic?: boolean
  underline?: boolean
  strike?: boolean
  inverse?: boolean
}
export type AnsiSpan = { text: string; style: AnsiStyle }
export type AnsiText = { spans: AnsiSpan[]; capped: boolean }

const ESC = "\u001b"
const MAX_SPANS = 2_000
/** A command string (a link, a title) longer than this is taken for text that happens to start like one. */
const MAX_COMMAND_CHARS = 4_096

/**
 * Reads terminal text in one pass: SGR colours become spans, every other control sequence (cursor moves, titles,
 * links, clipboard) is dropped. Past `maxSpans` the rest comes as one unstyled span and `capped` is true.
 */
export function parseAnsi(text: string, maxSpans = MAX_SPANS): AnsiText {
  const spans: AnsiSpan[] = []
  const ends = commandEnds(text)
  let style: AnsiStyle = {}
  let at = 0
  let plain = ""
  const flush = () => {
    if (plain !== "") spans.push({ text: plain, style })
    plain = ""
  }
  while (at < text.length) {
    const next = text.indexOf(ESC, at)
    const stop = next === -1 ? text.length : next
    plain += text.slice(at, stop)
    if (next === -1) break
    const sequence = readSequence(text, next, ends)
    at = sequence.end
    if (sequence.sgr === undefined) continue
    if (spans.length < maxSpans) {
      flush()
      style = applySgr(style, sequence.sgr)
    }
  }
  flush()
  return { spans, capped: spans.length > maxSpans }
}

type Sequence = { end: number; sgr?: string }

function readSequence(text: string, at: number, ends: (from: number) => number): Sequence {
  const kind = text[at + 1]
  if (kind === "[") return readControl(text, at + 2)
  if (kind !== undefined && "]PX^_".includes(kind)) {
    const end = ends(at + 2)
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
  const isColour = text[at] === "m" && /^[\d;:]*$/.test(params) && params.length <= 64
  return isColour ? { end: at + 1, sgr: params } : { end: at + 1 }
}

function isBetween(text: string, at: number, low: number, high: number): boolean {
  const code = text.charCodeAt(at)
  return code >= low && code <= high
}

/** Finds where a command string ends (BEL or ST), remembering the last find so that all searches together are linear. */
function commandEnds(text: string): (from: number) => number {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it is here to find
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

const FLAGS: Record<number, AnsiStyle> = {
  1: { bold: true },
  2: { dim: true },
  3: { italic: true },
  4: { underline: true },
  7: { inverse: true },
  9: { strike: true },
  22: { bold: false, dim: false },
  23: { italic: false },
  24: { underline: false },
  27: { inverse: false },
  29: { strike: false },
}

function applySgr(before: AnsiStyle, params: string): AnsiStyle {
  const codes = params.split(/[;:]/).map((part) => (part === "" ? 0 : Number(part)))
  let style = before
  for (let i = 0; i < codes.length; i++) {
    const code = codes[i] ?? 0
    const { [code]: flag } = FLAGS
    if (code === 0) style = {}
    else if (flag !== undefined) style = { ...style, ...flag }
    else if (code === 38 || code === 48) {
      const { colour, used } = extendedColour(codes, i + 1)
      i += used
      if (colour !== undefined) style = { ...style, [code === 38 ? "fg" : "bg"]: colour }
    } else style = applyBasicColour(style, code)
  }
  return style
}

function applyBasicColour(style: AnsiStyle, code: number): AnsiStyle {
  if (code >= 30 && code <= 37) return { ...style, fg: basicColour(code - 30) }
  if (code >= 90 && code <= 97) return { ...style, fg: basicColour(code - 82) }
  if (code >= 40 && code <= 47) return { ...style, bg: basicColour(code - 40) }
  if (code >= 100 && code <= 107) return { ...style, bg: basicColour(code - 92) }
  if (code === 39) return without(style, "fg")
  if (code === 49) return without(style, "bg")
  return style
}

function without(style: AnsiStyle, key: "fg" | "bg"): AnsiStyle {
  const { [key]: _gone, ...rest } = style
  return rest
}

function basicColour(index: number): string {
  return `var(--ansi-${index})`
}

function extendedColour(codes: number[], at: number): { colour?: string; used: number } {
  if (codes[at] === 5) {
    const index = codes[at + 1] ?? 0
    return index <= 255 ? { colour: indexedColour(index), used: 2 } : { used: 2 }
  }
  if (codes[at] !== 2) return { used: 1 }
  const [red = 0, green = 0, blue = 0] = codes.slice(at + 1, at + 4).map((part) => Math.min(255, part))
  return { colour: `rgb(${red} ${green} ${blue})`, used: 4 }
}

function indexedColour(index: number): string {
  if (index < 16) return basicColour(index)
  if (index >= 232) {
    const grey = 8 + (index - 232) * 10
    return `rgb(${grey} ${grey} ${grey})`
  }
  const cube = index - 16
  const level = (step: number) => (step === 0 ? 0 : 55 + step * 40)
  return `rgb(${level(Math.floor(cube / 36))} ${level(Math.floor(cube / 6) % 6)} ${level(cube % 6)})`
}
