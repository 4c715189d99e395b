import { chmodSync, mkdtempSync, rmSync, statSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, expect, test } from "vitest"
import { DatabaseNotDurableError } from "@/server/store/errors"
import type { SqlValue } from "./bind"
import { assertDurable, openForReading, openForWriting, type SqliteDatabase } from "./SqliteDatabase"

let db: SqliteDatabase
let dir = ""
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "turnline-database-"))
  db = openForWriting(join(dir, "new", "turnline.db"))
  db.exec("CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT)")
})
afterEach(() => {
  db.close()
  rmSync(dir, { recursive: true })
})

test.each([
  [true],
  [undefined],
  [{}],
  [[1]],
  [new Date()],
  [10n],
  [Number.NaN],
  [Number.POSITIVE_INFINITY],
  ["a\0b"],
])("%s throws instead of ending the process or losing its end", (value) => {
  const insert = db.query("INSERT INTO notes (text) VALUES (?)")
  expect(() => insert.run(value as SqlValue)).toThrow(TypeError)
  expect(db.query("SELECT count(*) FROM notes").first()).toEqual([0])
})

test("a closed database throws instead of ending the process", () => {
  const insert = db.query("INSERT INTO notes (text) VALUES (?)")
  db.close()
  expect(() => insert.run("x")).toThrow("closed")
  expect(() => db.query("SELECT 1")).toThrow("closed")
  expect(() => db.exec("SELECT 1")).toThrow("closed")
})

test("I2: a connection for writing flushes every commit, which can be checked after a write", () => {
  db.query("INSERT INTO notes (text) VALUES (?)").run("x")
  expect(() => assertDurable(db)).not.toThrow()
  db.exec("PRAGMA synchronous = NORMAL")
  expect(() => assertDurable(db)).toThrow(DatabaseNotDurableError)
  db.exec("PRAGMA synchronous = FULL; PRAGMA journal_mode = DELETE")
  expect(() => assertDurable(db)).toThrow(DatabaseNotDurableError)
})

test("S22: only this user can access its files", () => {
  for (const file of [db.file, `${db.file}-wal`, `${db.file}-shm`])
    expect(statSync(file).mode & 0o777).toBe(0o600)
  expect(statSync(join(dir, "new")).mode & 0o777).toBe(0o700)
})

test("S22: opening files that others could read makes them private", () => {
  db.close()
  chmodSync(db.file, 0o666)
  db = openForWriting(db.file)
  expect(statSync(db.file).mode & 0o777).toBe(0o600)
})

test("a connection for reading can't write and leaves no read transaction open", () => {
  for (let at = 0; at < 200; at++) db.query("INSERT INTO notes (text) VALUES (?)").run(`note ${at}`)
  const reader = openForReading(db.file)
  expect(() => reader.query("DELETE FROM notes").run()).toThrow()
  expect(reader.query("SELECT text FROM notes ORDER BY id").first()).toEqual(["note 0"])
  expect(reader.query("SELECT id FROM notes ORDER BY id").all()).toHaveLength(200)
  db.query("INSERT INTO notes (text) VALUES (?)").run("later")
  // The log can only be truncated if there is no read transaction on an older state.
  db.exec("PRAGMA busy_timeout = 0")
  expect(db.query("PRAGMA wal_checkpoint(TRUNCATE)").first()?.[0]).toBe(0)
  expect(reader.query("SELECT text FROM notes ORDER BY id DESC").first()).toEqual(["later"])
  reader.close()
})
