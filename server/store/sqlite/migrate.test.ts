import { spawn } from "node:child_process"
import { once } from "node:events"
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { afterEach, beforeEach, expect, test } from "vitest"
import { eventually } from "@/lib/testing/eventually"
import { noTotals } from "@/lib/trace/turnTotals"
import { DatabaseNewerError } from "@/server/store/errors"
import { aNewRun } from "@/server/store/testing/storeSamples"
import { migrate, schemaVersion } from "./migrate"
import { openForWriting, SqliteDatabase } from "./SqliteDatabase"
import { SqliteReads } from "./SqliteReads"
import { SqliteWrites } from "./SqliteWrites"
import { MIGRATIONS } from "./schema"

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

test("an empty database is migrated to the newest schema without a copy", () => {
  migrate(db)
  expect(schemaVersion(db)).toBe(MIGRATIONS.length)
  migrate(db)
  expect(readdirSync(dir).filter((name) => name.includes(".v"))).toEqual([])
})

test("an older database is copied before each migration", () => {
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

test("T8: a failed migration doesn't change the database and can be tried again", () => {
  migrate(db, [FIRST])
  db.query("INSERT INTO notes VALUES (?)").run("old")
  const broken = [FIRST, "DELETE FROM notes; CREATE TABLE notes (text TEXT)"]
  expect(() => migrate(db, broken)).toThrow("already exists")
  expect(schemaVersion(db)).toBe(1)
  expect(db.query("SELECT * FROM notes").all()).toEqual([["old"]])
  migrate(db, [FIRST, "CREATE TABLE more (x)"])
  expect(schemaVersion(db)).toBe(2)
})

test.each([0, 30, 300])(
  "T8: after a kill %i ms into a migration, the database is either unchanged or migrated, and can be opened",
  async (waitMs) => {
    migrate(db, [FIRST])
    db.query("INSERT INTO notes VALUES (?)").run("old")
    db.close()
    const many = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 400000)"
    const steps = [FIRST, `INSERT INTO notes ${many} SELECT 'new ' || i FROM n; CREATE TABLE more (x)`]
    const program = `
    import { openForWriting } from "./server/store/sqlite/SqliteDatabase"
    import { migrate } from "./server/store/sqlite/migrate"
    migrate(openForWriting(${JSON.stringify(db.file)}), ${JSON.stringify(steps)})`
    const child = spawn(process.execPath, ["--import", "tsx", "--input-type=module", "-e", program])
    const ended = once(child, "exit")
    // The copy is made right before the migration starts.
    await eventually(() => expect(existsSync(`${db.file}.v1`)).toBe(true), 2)
    await sleep(waitMs)
    child.kill("SIGKILL")
    await ended
    db = openForWriting(db.file)
    const count = db.query("SELECT count(*) FROM notes").first()?.[0]
    const tables = db.query("SELECT count(*) FROM sqlite_schema WHERE name = 'more'").first()?.[0]
    expect([schemaVersion(db), count, tables]).toEqual(schemaVersion(db) === 1 ? [1, 1, 0] : [2, 400_001, 1])
    expect(db.query("PRAGMA integrity_check").first()).toEqual(["ok"])
    migrate(db, steps)
    expect(db.query("SELECT count(*) FROM notes").first()).toEqual([400_001])
  },
)

test("runs of an older database aren't changed, and their retention starts at their end", () => {
  migrate(db, MIGRATIONS.slice(0, 2))
  db.exec(`INSERT INTO runs VALUES (1, 'old', 'robot', 'start-key', 1, 'success', 0, 1000, 2000, NULL, 0, 3, 1500, NULL,
    'owner', 10, 20, 0.5, 1, 30);
    INSERT INTO run_texts VALUES (1, 'x', '{"client_id":"c","intent":"x","labels":{},"termination":{"kind":"outcome","outcome":{"status":"success"}}}')`)
  migrate(db)
  const reads = new SqliteReads(db)
  expect(reads.get("old")).toMatchObject({
    ...{ status: "completed", cursor: 3, ended_at: "1970-01-01T00:00:02.000Z" },
    totals: { ...noTotals(), input_tokens: 10, output_tokens: 20, cost_usd: 0.5, errors: 1, duration_ms: 30 },
  })
  const writes = new SqliteWrites(db)
  const start = aNewRun({ idempotency_key: "start-key" })
  expect(writes.start(start)).toMatchObject({ created: false, row: { run_id: "old" } })
  expect(writes.deleteEndedBefore({ time: "1970-01-01T00:00:01.999Z", limit: 9 })).toEqual([])
  expect(writes.deleteEndedBefore({ time: "1970-01-01T00:00:02.001Z", limit: 9 })).toEqual(["old"])
})

test("a run that an older run continues is linked when it is imported", () => {
  migrate(db, MIGRATIONS.slice(0, 7))
  db.exec(`INSERT INTO runs (run_no, run_id, agent_id, status, failed, started_at, child_count, cursor, owner, input_tokens,
      output_tokens, cost_usd, errors, duration_ms) VALUES (1, 'later', 'robot', 1, 0, 1000, 0, 0, 'owner', 0, 0, 0, 0, 0),
      (2, 'other', 'robot', 1, 0, 1000, 0, 0, 'owner', 0, 0, 0, 0, 0);
    INSERT INTO run_texts VALUES (1, 'x', '{"client_id":"c","intent":"x","labels":{},"continues":{"run_id":"ear\\"lier"}}'),
      (2, 'x', '{"client_id":"c","intent":"a \\"continues\\": b","labels":{}}')`)
  migrate(db)
  expect(db.query("SELECT continues FROM runs ORDER BY run_no").all()).toEqual([
    [JSON.stringify('ear"lier')],
    [null],
  ])
  const { row } = new SqliteWrites(db).startImport(aNewRun({ run_id: 'ear"lier', imported: true }))
  expect(row.continued_by).toEqual({ run_id: "later" })
})

test("a database of a later version is refused with a message", () => {
  db.exec(`PRAGMA user_version = ${MIGRATIONS.length + 1}`)
  expect(() => migrate(db)).toThrow(DatabaseNewerError)
  expect(() => migrate(db)).toThrow(/^The database has schema version \d+, but [^.]*\.$/)
})
