import { appendFileSync, mkdtempSync, renameSync, rmSync, truncateSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, expect, test } from "vitest"
import { FileFeed } from "./FileFeed"

let folder: string
let file: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "turnline-feed-"))
  file = join(folder, "session.jsonl")
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

test("a line is read once it is complete, and characters aren't split", () => {
  const feed = new FileFeed(file)
  const bytes = Buffer.from('{"text":"Größe ✓"}\n')
  for (const byte of bytes.subarray(0, -1)) {
    appendFileSync(file, Buffer.from([byte]))
    expect(feed.read().records).toEqual([])
  }
  appendFileSync(file, "\n")
  expect(feed.read().records).toEqual([{ text: "Größe ✓" }])
  expect(feed.read().records).toEqual([])
})

test("a long file is read in pieces", () => {
  const lines = Array.from({ length: 100 }, (_, n) => ({ n, text: "x".repeat(10_000) }))
  writeFileSync(file, lines.map((line) => `${JSON.stringify(line)}\n`).join(""))
  const feed = new FileFeed(file)
  const records: unknown[] = []
  let read = feed.read()
  expect(read.more).toBe(true)
  for (records.push(...read.records); read.more; records.push(...read.records)) read = feed.read()
  expect(records).toEqual(lines)
})

test("a line of several megabytes is read", () => {
  const text = "x".repeat(3_000_000)
  writeFileSync(file, `${JSON.stringify({ text })}\n`)
  const feed = new FileFeed(file)
  let read = feed.read()
  while (read.more) read = feed.read()
  expect(read.records).toEqual([{ text }])
})

test("lines that aren't JSON are counted, empty ones aren't", () => {
  writeFileSync(file, '{"n":1}\nno JSON\n\n{"n":2}\n')
  expect(new FileFeed(file).read()).toMatchObject({ records: [{ n: 1 }, { n: 2 }], unreadable: 1 })
})

test("a file that was truncated or replaced is read from its beginning", () => {
  writeFileSync(file, '{"n":1}\n{"n":2}\n')
  const feed = new FileFeed(file)
  expect(feed.read().restarted).toBe(false)
  truncateSync(file, 8)
  expect(feed.read()).toMatchObject({ restarted: true, records: [{ n: 1 }] })
  const other = join(folder, "other")
  writeFileSync(other, '{"n":3}\n{"n":4}\n')
  renameSync(other, file)
  expect(feed.read()).toMatchObject({ restarted: true, records: [{ n: 3 }, { n: 4 }] })
})

test("a file that has vanished has nothing to read", () => {
  writeFileSync(file, '{"n":1}\n')
  const feed = new FileFeed(file)
  feed.read()
  rmSync(file)
  expect(feed.read()).toMatchObject({ records: [], restarted: false })
})

test("if a kill cuts off a record, the next record on the same line is read", () => {
  const next = { type: "user", content: [{ text: '{"n":1} and "}' }], more: { a: { b: 1 } } }
  writeFileSync(file, `{"n":1}\n{"n":2,"text":"cut {\\"x\\":${JSON.stringify(next)}\n{"n":3}\n`)
  expect(new FileFeed(file).read()).toMatchObject({ records: [{ n: 1 }, next, { n: 3 }], unreadable: 1 })
})

test("a byte order mark and carriage returns are ignored", () => {
  writeFileSync(file, '\uFEFF{"n":1}\r\n{"n":2}\r\n')
  expect(new FileFeed(file).read()).toMatchObject({ records: [{ n: 1 }, { n: 2 }], unreadable: 0 })
})
