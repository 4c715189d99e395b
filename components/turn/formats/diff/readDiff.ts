export type DiffLineKind = "file" | "hunk" | "added" | "removed" | "same" | "note"
export type DiffLine = { kind: DiffLineKind; text: string; before?: number; after?: number }

const HUNK = /^@@ -(\d{1,9})(?:,\d{1,9})? \+(\d{1,9})(?:,\d{1,9})? @@/
const FILE = /^(?:diff |index |--- |\+\+\+ |new file|deleted file|rename |similarity )/

/** Numbers the lines of a unified diff. Total: text outside any hunk is a note. */
export function readDiff(source: string): DiffLine[] {
  let before = 0
  let after = 0
  let inHunk = false
  return source.split("\n").map((text): DiffLine => {
    const hunk = HUNK.exec(text)
    if (hunk !== null) {
      before = Number(hunk[1])
      after = Number(hunk[2])
      inHunk = true
      return { kind: "hunk", text }
    }
    if (text.startsWith("diff ") || (!inHunk && FILE.test(text))) {
      inHunk = false
      return { kind: "file", text }
    }
    if (!inHunk) return { kind: "note", text }
    if (text.startsWith("+")) return { kind: "added", text, after: after++ }
    if (text.startsWith("-")) return { kind: "removed", text, before: before++ }
    if (text.startsWith(" ") || text === "") return { kind: "same", text, before: before++, after: after++ }
    inHunk = text.startsWith("\\")
    return { kind: "note", text }
  })
}
