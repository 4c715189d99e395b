type Underline = "solid" | "double" | "wavy" | "dotted" | "dashed"

/** The style of a piece of terminal text. Colors are CSS values. */
export type AnsiStyle = {
  fg?: string
  bg?: string
  bold?: boolean
  dim?: boolean
  italic?: boolean
  underline?: Underline
  underlineColor?: string
  overline?: boolean
  strike?: boolean
  inverse?: boolean
}
const FLAGS: Record<number, AnsiStyle> = {
  1: { bold: true },
  2: { dim: true },
  3: { italic: true },
  7: { inverse: true },
  9: { strike: true },
  22: { bold: false, dim: false },
  23: { italic: false },
  27: { inverse: false },
  29: { strike: false },
  53: { overline: true },
  55: { overline: false },
}
const UNDERLINES: readonly (Underline | undefined)[] = [
  undefined,
  "solid",
  "double",
  "wavy",
  "dotted",
  "dashed",
]

/**
 * Applies the parameters of an SGR sequence. Parameters are separated by `;`, and sub-parameters by `:`: `4:3` is a
 * wavy underline, not an underline and italics.
 */
export function applySgr(before: AnsiStyle, params: string): AnsiStyle {
  const codes = params.split(";")
  let style = before
  for (let at = 0; at < codes.length; at++) {
    const [code = 0, ...sub] = (codes[at] ?? "").split(":").map(numberOf)
    if (code === 38 || code === 48 || code === 58) {
      const { color, used } = sub.length > 0 ? subColor(sub) : listColor(codes, at + 1)
      at += used
      if (color !== undefined) style = { ...style, [COLOR_KEYS[code]]: color }
    } else style = applyCode(style, code, sub)
  }
  return style
}

const COLOR_KEYS = { 38: "fg", 48: "bg", 58: "underlineColor" } as const

function numberOf(text: string): number {
  return text === "" ? 0 : Number(text)
}

function applyCode(style: AnsiStyle, code: number, sub: readonly number[]): AnsiStyle {
  if (code === 0) return {}
  if (code === 4) return withUnderline(style, UNDERLINES[sub[0] ?? 1])
  if (code === 21) return withUnderline(style, "double")
  if (code === 24) return withUnderline(style, undefined)
  const { [code]: flag } = FLAGS
  if (flag !== undefined) return { ...style, ...flag }
  if (code >= 30 && code <= 37) return { ...style, fg: basicColor(code - 30) }
  if (code >= 90 && code <= 97) return { ...style, fg: basicColor(code - 82) }
  if (code >= 40 && code <= 47) return { ...style, bg: basicColor(code - 40) }
  if (code >= 100 && code <= 107) return { ...style, bg: basicColor(code - 92) }
  if (code === 39) return without(style, "fg")
  if (code === 49) return without(style, "bg")
  return code === 59 ? without(style, "underlineColor") : style
}

function withUnderline(style: AnsiStyle, underline: Underline | undefined): AnsiStyle {
  return underline === undefined ? without(style, "underline") : { ...style, underline }
}

function without(style: AnsiStyle, key: keyof AnsiStyle): AnsiStyle {
  const { [key]: _removed, ...rest } = style
  return rest
}

/** Parses `38:5:196`, `38:2::255:0:0` (with an empty color space) or `38:2:255:0:0`. */
function subColor(sub: readonly number[]): { color?: string; used: number } {
  if (sub[0] === 5) return { ...indexedColor(sub[1] ?? 0), used: 0 }
  if (sub[0] !== 2) return { used: 0 }
  return { color: rgb(sub.length >= 5 ? sub.slice(2, 5) : sub.slice(1, 4)), used: 0 }
}

/** Parses `38;5;196` or `38;2;255;0;0`, where the color is in the following parameters. */
function listColor(codes: readonly string[], at: number): { color?: string; used: number } {
  const numbers = codes.slice(at, at + 4).map((code) => numberOf(code.split(":")[0] ?? ""))
  if (numbers[0] === 5) return { ...indexedColor(numbers[1] ?? 0), used: 2 }
  return numbers[0] === 2 ? { color: rgb(numbers.slice(1)), used: 4 } : { used: 1 }
}

function rgb(parts: readonly number[]): string {
  const [red = 0, green = 0, blue = 0] = parts.map((part) => Math.min(255, part))
  return `rgb(${red} ${green} ${blue})`
}

function basicColor(index: number): string {
  return `var(--ansi-${index})`
}

function indexedColor(index: number): { color?: string } {
  if (index > 255) return {}
  if (index < 16) return { color: basicColor(index) }
  if (index >= 232) {
    const gray = 8 + (index - 232) * 10
    return { color: `rgb(${gray} ${gray} ${gray})` }
  }
  const cube = index - 16
  const level = (step: number) => (step === 0 ? 0 : 55 + step * 40)
  const parts = [Math.floor(cube / 36), Math.floor(cube / 6) % 6, cube % 6].map(level)
  return { color: `rgb(${parts.join(" ")})` }
}
