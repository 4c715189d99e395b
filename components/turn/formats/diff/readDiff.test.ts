import { describe, expect, test } from "vitest"
import { isDiff, readDiff, readDiffTail } from "./readDiff"

const kinds = (source: string) => readDiff(source).map(({ kind, text }) => `${kind} ${text}`)

describe("readDiff", () => {
  test("numbers the lines of both sides", () => {
    const lines = readDiff("--- a/x\n+++ b/x\n@@ -10,2 +20,3 @@ f\n same\n-old\n+new\n+more")
    expect(lines.slice(3)).toEqual([
      { kind: "same", text: " same", before: 10, after: 20 },
      { kind: "removed", text: "-old", before: 11 },
      { kind: "added", text: "+new", after: 21 },
      { kind: "added", text: "+more", after: 22 },
    ])
  })

  test("ends a hunk where its header says, so that files need no diff line", () => {
    expect(kinds("--- a\n+++ b\n@@ -1 +1 @@\n-x\n+y\n--- c\n+++ d\n@@ -1 +1 @@\n--- z\n+++ w\n")).toEqual([
      ...["file --- a", "file +++ b", "hunk @@ -1 +1 @@", "removed -x", "added +y"],
      ...["file --- c", "file +++ d", "hunk @@ -1 +1 @@", "removed --- z", "added +++ w"],
    ])
  })

  test("returns no line after the last newline, and handles CRLF", () => {
    expect(kinds("@@ -1,2 +1,2 @@\r\n a\r\n-b\r\n+c\r\n")).toEqual([
      ...["hunk @@ -1,2 +1,2 @@", "same  a", "removed -b", "added +c"],
    ])
  })

  test("treats an empty line as context only while the hunk expects a line", () => {
    expect(kinds("@@ -1,2 +1,2 @@\n\n-b\n+c\n\nend")).toEqual([
      ...["hunk @@ -1,2 +1,2 @@", "same ", "removed -b", "added +c", "note ", "note end"],
    ])
  })

  test("keeps the note about a missing newline without counting it", () => {
    expect(readDiff("@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+b\n").at(-1)).toEqual({
      ...{ kind: "added", text: "+b", after: 1 },
    })
  })

  test("reads the patches of apply_patch", () => {
    const patch = "*** Begin Patch\n*** Update File: a\n@@ def f\n x\n-a\n+b\n*** End Patch\ndone"
    expect(kinds(patch)).toEqual([
      ...["file *** Begin Patch", "file *** Update File: a", "hunk @@ def f", "same  x"],
      ...["removed -a", "added +b", "file *** End Patch", "note done"],
    ])
  })

  test("doesn't mistake other text for a diff", () => {
    expect(kinds("-a\n+b\n")).toEqual(["note -a", "note +b"])
  })
})

test("readDiffTail reads lines of a hunk whose header was cut, then whole files", () => {
  const lines = readDiffTail("+x\n-y\n z\ndiff --git a b\n@@ -1 +1 @@\n-a\n+b\n")
  expect(lines.map(({ kind }) => kind)).toEqual([
    "added",
    "removed",
    "same",
    "file",
    "hunk",
    "removed",
    "added",
  ])
})

describe("diffs without hunks", () => {
  const RENAME = "diff --git a/x b/y\nsimilarity index 100%\nrename from x\nrename to y\n"
  const BINARY = "diff --git a/x.png b/x.png\nindex 1..2 100644\nBinary files a/x.png and b/x.png differ\n"
  const PATCH =
    "diff --git a/x b/x\nindex 1..2\nGIT binary patch\nliteral 4\nLcmZQzWMT#Y01f~L\n\nliteral 0\nHcmV?d00001\n\n"

  test.each([
    ["a rename", RENAME],
    ["a binary file", BINARY],
    ["a binary patch", PATCH],
    ["a change of mode", "diff --git a/x b/x\nold mode 100644\nnew mode 100755\n"],
  ])("%s is a diff", (_name, text) => {
    expect(isDiff(text)).toBe(true)
  })

  test("ends a binary patch where the next file starts", () => {
    const kinds = readDiff(PATCH + RENAME).map(({ kind }) => kind)
    expect(kinds.slice(0, 5)).toEqual(["file", "file", "file", "same", "same"])
    expect(kinds.slice(-4)).toEqual(["file", "file", "file", "file"])
  })
})

test("reads the diff of a merge", () => {
  const merge = "diff --cc x\nindex 1,2..3\n--- a/x\n+++ b/x\n@@@ -1,2 -1,2 +1,3 @@@\n  a\n +b\n- c\n++d\n"
  expect(isDiff(merge)).toBe(true)
  expect(readDiff(merge).map(({ kind }) => kind)).toEqual([
    ...["file", "file", "file", "file", "hunk"],
    ...["same", "added", "removed", "added"],
  ])
})

test("shows a changed line ending as a difference", () => {
  const lines = readDiff("--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@\n-a\r\n+a\n b\r\n")
  expect(lines.map(({ text }) => text).slice(3)).toEqual(["-a\r", "+a", " b\r"])
})
