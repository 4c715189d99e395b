import type { AnsiStyle } from "./sgr"

const isPalette = (colour: string | undefined) => colour?.startsWith("var(--ansi-") === true

/**
 * The colours of a piece of terminal text; undefined where it has the page's. Palette colours on a palette background are
 * drawn in the page's background colour instead: it is legible on all of them.
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
