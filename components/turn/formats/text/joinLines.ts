/** Joins the lines of a text that was sent as a list. In some lists, as in notebooks, lines end with a line break. */
export function joinLines(lines: readonly string[]): string {
  const haveBreaks = lines.slice(0, -1).some((line) => line.endsWith("\n"))
  return lines.join(haveBreaks ? "" : "\n")
}
