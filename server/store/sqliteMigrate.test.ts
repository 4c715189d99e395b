import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, expect, test } from "vitest"
import { openForWriting, SqliteDatabase } from "./sqliteDatabase"
import { migrate, schemaVersion } from "./sqliteMigrate"
import { MIGRATIONS } from "./sqliteSchema"
import { DatabaseNewer } from "./storeErrors"

const FIRST = "CREATE TABLE notes (text TEXT)"
let db: SqliteDatabase
let dir = ""
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "turnline-migrate-"))
  db = openForWriting(join(dir, "turnline.db"))
})
afterEach(() => {
  db.close()
  rmSync(dir, { recursive: true })
})

test("an empty database is brought to the newest schema, without a copy", () => {
  migrate(db)
  expect(schemaVersion(db)).toBe(MIGRATIONS.length)
  migrate(db)
  expect(readdirSync(dir).filter((name) => name.includes(".v"))).toEqual([])
})

test("an older database is copied before each step", () => {
  migrate(db, [FIRST])
  db.query("INSERT INTO notes VALUES (?)").run("old")
  migrate(db, [FIRST, "DELETE FROM notes", "CREATE TABLE more (x)"])
  expect(schemaVersion(db)).toBe(3)
  expect(db.query("SELECT * FROM notes").all()).toEqual([])
  const copy = new SqliteDatabase(`${db.file}.v1`)
  expect(schemaVersion(copy)).toBe(1)
  expect(copy.query("SELECT * FROM notes").all()).toEqual([["old"]])
  copy.close()
  expect(existsSync(`${db.file}.v2`)).toBe(true)
  expect(statSync(`${db.file}.v1`).mode & 0o777).toBe(0o600)
})

test("T8: a step that fails leaves the database as it was, and can be tried again", () => {
  migrate(db, [FIRST])
  db.query("INSERT INTO notes VALUES (?)").run("old")
  const broken = [FIRST, "DELETE FROM notes; CREATE TABLE notes (text TEXT)"]
  expect(() => migrate(db, broken)).toThrow("already exists")
  expect(schemaVersion(db)).toBe(1)
  expect(db.query("SELECT * FROM notes").all()).toEqual([["old"]])
  migrate(db, [FIRST, "CREATE TABLE more (x)"])
  expect(schemaVersion(db)).toBe(2)
})

test("a database of a later program is refused in one sentence", () => {
  db.exec(`PRAGMA user_version = ${MIGRATIONS.length + 1}`)
  expect(() => migrate(db)).toThrow(DatabaseNewer)
  expect(() => migrate(db)).toThrow(/^The database has schema version \d+, but [^.]*\.$/)
})
