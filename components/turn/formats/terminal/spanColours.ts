import type { AnsiStyle } from "./sgr"

const isPalette = (colour: string | undefined) => colour?.startsWith("var(--ansi-") === true

/**
 * Returns the colours of a piece of terminal text. A colour is undefined if it is the page's own. Text in a palette
 * colour on a palette background gets the page's background colour instead, which is legible on every palette colour.
 */
export function spanColours({ fg, bg, inverse }: AnsiStyle): { color?: string; backgroundColor?: string } {
  const back = inverse ? (fg ?? "var(--ink)") : bg
  const front = inverse ? (bg ?? "var(--bg)") : fg
  const color = isPalette(back) && (front === undefined || isPalette(front)) ? "var(--bg)" : front
  return {
    ...(color !== undefined && { color }),
    ...(back !== undefined && { backgroundColor: back }),
  }
}
