import type { AnsiStyle } from "./sgr"

const isPalette = (color: string | undefined) => color?.startsWith("var(--ansi-") === true

/**
 * Returns the colors of a piece of terminal text. A color is undefined if it is the page's own. Text in a palette
 * color on a palette background gets the page's background color instead, which is legible on every palette color.
 */
export function spanColors({ fg, bg, inverse }: AnsiStyle): { color?: string; backgroundColor?: string } {
  const back = inverse ? (fg ?? "var(--ink)") : bg
  const front = inverse ? (bg ?? "var(--bg)") : fg
  const color = isPalette(back) && (front === undefined || isPalette(front)) ? "var(--bg)" : front
  return {
    ...(color !== undefined && { color }),
    ...(back !== undefined && { backgroundColor: back }),
  }
}
