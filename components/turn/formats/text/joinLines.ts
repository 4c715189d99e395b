/** Joins the lines of a text that was sent as a list. In some lists, as in notebooks, lines end with a line break. */
export function joinLines(lines: readonly string[]): string {
  return lines.join(separatorOf(lines))
}

function separatorOf(lines: readonly string[]): "" | "\n" {
  return lines.slice(0, -1).some((line) => line.endsWith("\n")) ? "" : "\n"
}

/** A part of a text that was sent as a list of lines. `line` is the index of a line that is a separate part. */
export type JoinedPart = { readonly text: string; readonly line: number | undefined }

/** Joins lines, except those that were cut, which become separate parts. */
export function joinAroundCuts(lines: readonly string[], isCut: (line: number) => boolean): JoinedPart[] {
  const separator = separatorOf(lines)
  const parts: JoinedPart[] = []
  let whole: string[] = []
  const flush = () => {
    // Parts are displayed below each other, so a line break between two of them would be an empty line.
    if (whole.length > 0) parts.push({ text: whole.join(separator).replace(/\n$/, ""), line: undefined })
    whole = []
  }
  for (const [line, text] of lines.entries()) {
    if (!isCut(line)) {
      whole.push(text)
      continue
    }
    flush()
    parts.push({ text, line })
  }
  flush()
  return parts
}
