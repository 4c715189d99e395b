export type DiffLineKind = "file" | "hunk" | "added" | "removed" | "same" | "note"
export type DiffLine = { kind: DiffLineKind; text: string; before?: number; after?: number }

const HUNK = /^@@ -(\d{1,9})(?:,(\d{1,9}))? \+(\d{1,9})(?:,(\d{1,9}))? @@/
const FILE =
  /^(?:diff |index |Index: |={10,}|--- |\+\+\+ |new file|deleted file|old mode|new mode|rename |copy |similarity |Binary files )/
/** The patches of OpenAI's `apply_patch`. */
const PATCH_FILE = /^\*\*\* (?:Begin Patch|End Patch|(?:Add|Update|Delete) File: |Move to: |End of File)/
/** Fewer lines of a diff, as a share of all lines, make it a text that quotes one. */
const MIN_SHARE = 0.6

type Hunk = { before: number; after: number; left: { before: number; after: number } }

/**
 * Reads a unified diff and numbers its lines. A hunk ends where its header says, so that several files need no `diff`
 * line, and a line of `---` in a hunk is a removal. Handles CRLF. Text outside hunks is a note.
 */
export function readDiff(source: string): DiffLine[] {
  const lines = source.split("\n")
  // The last newline ends a line; it doesn't start another one.
  if (lines.at(-1) === "") lines.pop()
  let hunk: Hunk | undefined
  let isPatch = false
  return lines.map((raw): DiffLine => {
    const text = raw.endsWith("\r") ? raw.slice(0, -1) : raw
    if (PATCH_FILE.test(text)) {
      isPatch = !text.includes("End Patch")
      hunk = undefined
      return { kind: "file", text }
    }
    if (isPatch) return patchLine(text)
    const line = hunk === undefined ? undefined : hunkLine(hunk, text)
    if (line !== undefined) return line
    const header = HUNK.exec(text)
    if (header !== null) {
      hunk = hunkOf(header)
      return { kind: "hunk", text }
    }
    if (text.startsWith("\\")) return { kind: "note", text }
    hunk = undefined
    return { kind: FILE.test(text) ? "file" : "note", text }
  })
}

function hunkOf(header: RegExpExecArray): Hunk {
  const [, before, beforeCount, after, afterCount] = header
  return {
    before: Number(before),
    after: Number(after),
    left: { before: Number(beforeCount ?? 1), after: Number(afterCount ?? 1) },
  }
}

/** A line of the hunk; undefined once the hunk has all its lines. */
function hunkLine(hunk: Hunk, text: string): DiffLine | undefined {
  const { left } = hunk
  if (text.startsWith("\\")) return { kind: "note", text }
  if (left.before <= 0 && left.after <= 0) return undefined
  if (text.startsWith("+") && left.after > 0) {
    left.after--
    return { kind: "added", text, after: hunk.after++ }
  }
  if (text.startsWith("-") && left.before > 0) {
    left.before--
    return { kind: "removed", text, before: hunk.before++ }
  }
  // Editors strip the space of an empty context line.
  if ((text.startsWith(" ") || text === "") && left.before > 0 && left.after > 0) {
    left.before--
    left.after--
    return { kind: "same", text, before: hunk.before++, after: hunk.after++ }
  }
  left.before = 0
  left.after = 0
  return undefined
}

function patchLine(raw: string): DiffLine {
  const text = raw.endsWith("\r") ? raw.slice(0, -1) : raw
  if (text.startsWith("@@")) return { kind: "hunk", text }
  if (text.startsWith("+")) return { kind: "added", text }
  if (text.startsWith("-")) return { kind: "removed", text }
  return { kind: "same", text }
}

/** Reads the end of a diff whose beginning is missing: until the next header, the first character of a line says what it is. */
export function readDiffTail(source: string): DiffLine[] {
  const start = source.search(/^(?:@@ -|diff |--- .*\n\+\+\+ )/m)
  const within = start === -1 ? source : source.slice(0, start)
  const lines = within.split("\n")
  if (lines.at(-1) === "") lines.pop()
  return [...lines.map(patchLine), ...(start === -1 ? [] : readDiff(source.slice(start)))]
}

/** Whether a text is a diff, not a text that quotes one: most of its lines are in hunks or name files. */
export function isDiff(head: string): boolean {
  if (!/^(?:@@ |--- |diff |\*\*\* (?:Begin|Update|Add|Delete))/m.test(head)) return false
  const lines = readDiff(head).filter(({ text }) => text.trim() !== "")
  const changes = lines.filter(({ kind }) => kind === "added" || kind === "removed").length
  const outside = lines.filter(({ kind }) => kind === "note").length
  return changes > 0 && lines.length - outside >= lines.length * MIN_SHARE
}
