import { strings } from "@/components/turn/strings"
import { COMPARED_LINES, lineDiff } from "@/lib/timeline/compare/lineDiff"
import type { TextEdit } from "./readSearchReplace"

const TEXT = strings.edit
const HUNK = /^@@ -(\d+),(\d+) /

/**
 * Returns an edit as a diff. The strings are parts of a file, so their line numbers would be wrong. Instead of line
 * numbers, the headers of hunks say how many unchanged lines are left out.
 */
export function editDiff({ from, to }: TextEdit): string {
  const lines: string[] = []
  let next = 1
  const skipTo = (line: number) => {
    if (line > next) lines.push(`@@ ${TEXT.unchanged(line - next)}`)
  }
  for (const line of lineDiff(from, to).split("\n")) {
    const hunk = HUNK.exec(line)
    if (hunk === null) {
      lines.push(line)
      continue
    }
    const [, start, count] = hunk.map(Number)
    // In a hunk's header, the start of an empty range is the line before the range.
    const first = count === 0 ? (start ?? 0) + 1 : (start ?? 0)
    skipTo(first)
    next = first + (count ?? 0)
  }
  const last = from.split("\n").length
  skipTo(Math.min(last, COMPARED_LINES) + 1)
  if (Math.max(last, to.split("\n").length) > COMPARED_LINES)
    lines.push(`@@ ${TEXT.notCompared(COMPARED_LINES)}`)
  return lines.filter((line, at) => at > 0 || line !== "").join("\n")
}
