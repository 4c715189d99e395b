import type MarkdownIt from "markdown-it"

/**
 * Text that isn't Markdown although it contains its characters: formulas in TeX, with their delimiters, and paths on
 * Windows. A `$` only starts a formula if no space follows, and only ends one if no space precedes and no digit follows,
 * so that prices stay prices.
 */
const FORMULA =
  /\$\$[^$]{1,4000}\$\$|\$(?![\s$])[^$\n]{0,400}(?<=[^\s\\$])\$(?!\d)|\\\([^\n]{1,400}?\\\)|\\\[[\s\S]{1,4000}?\\\]/y
const WINDOWS_PATH = /\\[^\s<>"|?`*]*(?:\*[\w.*]*)?/y
const DRIVE = /(?:^|[^\p{L}\p{N}])[A-Za-z]:$/u

/** Makes a parser leave formulas and Windows paths as they are. */
export function keepVerbatim(parser: InstanceType<typeof MarkdownIt>): void {
  parser.inline.ruler.before("escape", "verbatim", (state, silent) => {
    const first = state.src[state.pos]
    if (first !== "$" && first !== "\\") return false
    const text = matchAt(FORMULA, state.src, state.pos) ?? pathAt(state.src, state.pos)
    if (text === undefined) return false
    if (!silent) state.pending += text
    state.pos += text.length
    return true
  })
}

function pathAt(source: string, at: number): string | undefined {
  if (!DRIVE.test(source.slice(Math.max(0, at - 3), at))) return undefined
  return matchAt(WINDOWS_PATH, source, at)
}

function matchAt(pattern: RegExp, source: string, at: number): string | undefined {
  pattern.lastIndex = at
  return pattern.exec(source)?.[0]
}
