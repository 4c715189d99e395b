export type DiffLineKind = "file" | "hunk" | "added" | "removed" | "same" | "note"
export type DiffLine = { kind: DiffLineKind; text: string; before?: number; after?: number }

const HUNK = /^@@ -(\d{1,9})(?:,(\d{1,9}))? \+(\d{1,9})(?:,(\d{1,9}))? @@/
/**
 * The header of a hunk in a merge's diff. Each line of the hunk starts with one column per parent; the header has one
 * `@` more than there are parents.
 */
const COMBINED_HUNK = /^(@{3,}) (?:-\d{1,9}(?:,\d{1,9})? )+\+\d{1,9}(?:,\d{1,9})? \1/
const FILE =
  /^(?:diff |index |Index: |={10,}|--- |\+\+\+ |new file|deleted file|mode |old mode|new mode|rename |copy |similarity |dissimilarity |Binary files |GIT binary patch|Only in )/
/** A data line of a binary patch. */
const BINARY_LINE = /^(?:(?:literal|delta) \d+$|[A-Za-z][!-~]{5,})/
/** Marker lines in the patches of OpenAI's `apply_patch`. */
const PATCH_FILE = /^\*\*\* (?:Begin Patch|End Patch|(?:Add|Update|Delete) File: |Move to: |End of File)/
/** The header of a hunk without line numbers: `@@`, `@@ def main():`. */
const BARE_HUNK = /^@@(?:$| (?![-+]\d)\S)/
/** How the output of `git show` and `git format-patch` starts. */
const COMMIT = /^(?:commit [0-9a-f]{7,40}\b|From [0-9a-f]{7,40} )/
/** Text with a smaller share of diff lines only quotes a diff. */
const MIN_SHARE = 0.6

type Hunk = { before: number; after: number; left: { before: number; after: number } }
/** The reader's position: outside hunks, in a part without line numbers, or in a hunk. */
type Place = { hunk?: Hunk; combined?: number; isPatch?: boolean; isBinary?: boolean }

/**
 * Reads a unified diff and numbers its lines. A hunk ends after the number of lines in its header, so that the next
 * file needs no `diff` line, and a line of `---` in a hunk is a removal. A carriage return at the end of a line is kept
 * only if other lines have none, because it is then part of the difference. Text outside hunks is a note.
 */
export function readDiff(source: string): DiffLine[] {
  const lines = source.split("\n")
  // The last newline ends a line; it doesn't start another one.
  if (lines.at(-1) === "") lines.pop()
  const keepsReturns = hasMixedEnds(lines)
  let place: Place = {}
  return lines.map((raw): DiffLine => {
    const text = raw.endsWith("\r") ? raw.slice(0, -1) : raw
    const line = lineIn(place, text) ?? headerLine(text)
    place = line.next ?? place
    const isContent = line.kind === "added" || line.kind === "removed" || line.kind === "same"
    const { next, ...rest } = line
    return keepsReturns && isContent ? { ...rest, text: raw } : rest
  })
}

type ReadLine = DiffLine & { next?: Place }

/** Reads a line as part of the current hunk or patch. Returns undefined if it starts something else. */
function lineIn({ hunk, combined, isPatch, isBinary }: Place, text: string): ReadLine | undefined {
  if (PATCH_FILE.test(text)) return undefined
  if (isPatch === true) return patchLine(text)
  if (combined !== undefined && !HEADER.test(text)) return combinedLine(text, combined)
  if (isBinary === true && (text === "" || BINARY_LINE.test(text)) && !HEADER.test(text))
    return { kind: "same", text }
  return hunk === undefined ? undefined : hunkLine(hunk, text)
}

const HEADER = /^(?:diff |@@)/

/** Reads a line outside hunks, and determines the reader's position after it. */
function headerLine(text: string): ReadLine {
  if (PATCH_FILE.test(text)) return { kind: "file", text, next: { isPatch: !text.includes("End Patch") } }
  const header = HUNK.exec(text)
  if (header !== null) return { kind: "hunk", text, next: { hunk: hunkOf(header) } }
  const combined = COMBINED_HUNK.exec(text)
  if (combined !== null) return { kind: "hunk", text, next: { combined: (combined[1]?.length ?? 3) - 1 } }
  if (text.startsWith("\\")) return { kind: "note", text }
  if (BARE_HUNK.test(text)) return { kind: "hunk", text, next: { isPatch: true } }
  const isFile = FILE.test(text)
  return { kind: isFile ? "file" : "note", text, next: { isBinary: text === "GIT binary patch" } }
}

/**
 * Reads a line of a merge's diff. The line counts as added or removed if it was added or removed relative to any
 * parent.
 */
function combinedLine(text: string, parents: number): DiffLine {
  const signs = text.slice(0, parents)
  if (text.startsWith("\\")) return { kind: "note", text }
  return { kind: signs.includes("+") ? "added" : signs.includes("-") ? "removed" : "same", text }
}

/** Returns true if some lines end with CRLF and others with LF. */
function hasMixedEnds(lines: readonly string[]): boolean {
  const content = lines.filter((line) => /^[-+ ]/.test(line) && !/^(?:---|\+\+\+) /.test(line))
  const returns = content.filter((line) => line.endsWith("\r")).length
  return returns > 0 && returns < content.length
}

function hunkOf(header: RegExpExecArray): Hunk {
  const [, before, beforeCount, after, afterCount] = header
  return {
    before: Number(before),
    after: Number(after),
    left: { before: Number(beforeCount ?? 1), after: Number(afterCount ?? 1) },
  }
}

/** Returns a line of the hunk, or undefined once the hunk has all its lines. */
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

/** Reads a diff without line numbers: a line's first character determines its type. */
export function readUnnumberedDiff(source: string): DiffLine[] {
  const lines = source.split("\n")
  if (lines.at(-1) === "") lines.pop()
  return lines.map(patchLine)
}

/**
 * Reads the end of a diff whose start is missing. Until the next header, a line's first character determines its type.
 */
export function readDiffTail(source: string): DiffLine[] {
  const start = source.search(/^(?:@@ -|diff |--- .*\n\+\+\+ )/m)
  if (start === -1) return readUnnumberedDiff(source)
  return [...readUnnumberedDiff(source.slice(0, start)), ...readDiff(source.slice(start))]
}

/** Returns true if text is a diff, rather than quoting one: most of its lines are in hunks or name files. */
export function isDiff(head: string): boolean {
  if (COMMIT.test(head) && /^diff --git /m.test(head)) return true
  if (!/^(?:@@(?: |$)|--- |diff |\*\*\* (?:Begin|Update|Add|Delete))/m.test(head)) return false
  const lines = readDiff(head).filter(({ text }) => text.trim() !== "")
  const changes = lines.filter(({ kind }) => kind === "added" || kind === "removed").length
  const names = lines.filter(({ kind, text }) => kind === "file" && text.startsWith("diff ")).length
  const outside = lines.filter(({ kind }) => kind === "note").length
  // A file that was only renamed, or isn't text, has no changed lines.
  return (changes > 0 || names > 0) && lines.length - outside >= lines.length * MIN_SHARE
}
