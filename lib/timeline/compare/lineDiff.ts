import { alignTurns } from "./alignTurns"

/** Equal lines that stand around each change. */
const AROUND = 3
/** Of a longer text only the beginning is compared. */
const MAX_LINES = 4_000

type Edit = { sign: " " | "-" | "+"; text: string; a: number; b: number }

/** The unified diff from one text to another, without file names; "" when they are equal. Cost bounded as `alignTurns`. */
export function lineDiff(from: string, to: string): string {
  if (from === to) return ""
  const [a, b] = [linesOf(from), linesOf(to)]
  const edits = alignTurns(a, b).map((line): Edit => {
    const sign = line.b === undefined ? "-" : line.a === undefined ? "+" : " "
    const text = (line.a === undefined ? b[line.b ?? 0] : a[line.a]) ?? ""
    return { sign, text, a: line.a ?? -1, b: line.b ?? -1 }
  })
  return hunksOf(edits).flatMap(hunkLines).join("\n")
}

function linesOf(text: string): string[] {
  const lines = text.split("\n")
  return lines.length > MAX_LINES ? lines.slice(0, MAX_LINES) : lines
}

/** Changes that stand near each other, with what is around them. */
function hunksOf(edits: readonly Edit[]): Edit[][] {
  const hunks: Edit[][] = []
  let end = 0
  edits.forEach((edit, at) => {
    if (edit.sign === " ") return
    const from = Math.max(end, at - AROUND)
    const open = end > 0 && from === end ? hunks.at(-1) : undefined
    const to = Math.min(edits.length, at + 1 + AROUND)
    if (open === undefined) hunks.push(edits.slice(from, to))
    else open.push(...edits.slice(from, to))
    end = to
  })
  return hunks
}

function hunkLines(hunk: readonly Edit[]): string[] {
  const [inA, inB] = [hunk.filter((edit) => edit.a >= 0), hunk.filter((edit) => edit.b >= 0)]
  const start = (side: readonly Edit[], key: "a" | "b") => (side[0]?.[key] ?? -1) + 1
  const head = `@@ -${start(inA, "a")},${inA.length} +${start(inB, "b")},${inB.length} @@`
  return [head, ...hunk.map((edit) => edit.sign + edit.text)]
}
