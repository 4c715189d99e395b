import type { AnsiStyle } from "./parseAnsi"

const isPalette = (colour: string | undefined) => colour?.startsWith("var(--ansi-") === true

/**
 * The two colours of a stretch of terminal text, undefined where it has the page's own. On a background of the sixteen
 * colours, text of the sixteen is drawn in the page's ground: all of them are legible on it, and so it is on them.
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
