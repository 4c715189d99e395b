import { execFileSync } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { basename, join } from "node:path"
import { afterEach, beforeEach, expect, test } from "vitest"
import { TreeWatcher } from "./TreeWatcher"

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "turnline-tree-"))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

test("only regular files are reported: reading a pipe would wait for its writer", () => {
  execFileSync("mkfifo", [join(folder, "pipe.jsonl")])
  writeFileSync(join(folder, "file.jsonl"), "")
  const found: string[] = []
  const tree = new TreeWatcher({
    onFile: (path) => found.push(basename(path)),
    onGone: () => {},
    enter: () => false,
  })
  tree.add(folder)
  tree.close()
  expect(found).toEqual(["file.jsonl"])
})
