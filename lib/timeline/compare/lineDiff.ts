import { structuredPatch } from "diff"

const CONTEXT_LINES = 3
/** Longer strings are compared up to this line. */
export const COMPARED_LINES = 4_000
/**
 * Strings with more differing lines are shown as replaced entirely, because finding the shortest diff would be slow.
 */
const MAX_CHANGED_LINES = 2_000

/** Returns the unified diff of two strings, without file names. Empty if they are equal. */
export function lineDiff(from: string, to: string): string {
  if (from === to) return ""
  const [a, b] = [firstLines(from), firstLines(to)]
  // The final newlines prevent jsdiff from writing "No newline at end of file".
  const patch = structuredPatch("", "", `${a}\n`, `${b}\n`, "", "", {
    context: CONTEXT_LINES,
    maxEditLength: MAX_CHANGED_LINES,
  })
  if (patch === undefined) return replacement(a.split("\n"), b.split("\n"))
  return patch.hunks
    .flatMap(({ oldStart, oldLines, newStart, newLines, lines }) => [
      `@@ -${oldStart},${oldLines} +${newStart},${newLines} @@`,
      ...lines,
    ])
    .join("\n")
}

function firstLines(text: string): string {
  const lines = text.split("\n")
  return lines.length > COMPARED_LINES ? lines.slice(0, COMPARED_LINES).join("\n") : text
}

function replacement(a: readonly string[], b: readonly string[]): string {
  const head = `@@ -1,${a.length} +1,${b.length} @@`
  return [head, ...a.map((line) => `-${line}`), ...b.map((line) => `+${line}`)].join("\n")
}
