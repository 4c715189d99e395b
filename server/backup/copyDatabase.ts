import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync } from "node:fs"
import { dirname } from "node:path"
import { numberAt, textAt } from "@/server/store/sqlite/bind"
import { createPrivateFile, SqliteDatabase } from "@/server/store/sqlite/SqliteDatabase"
import { BackupRefusedError } from "./BackupRefusedError"

/** The number of runs and turns in a copy, counted in the copy itself. */
export type CopiedDatabase = { runs: number; turns: number }

/**
 * Copies a database that may be in use to a new file. The copy is a consistent snapshot that includes everything
 * committed before the call. Only this user can read the file. The file gets its final name after it has been checked
 * and flushed to disk.
 *
 * @throws {BackupRefusedError} or errors of SQLite.
 */
export function copyDatabase(file: string, copy: string): CopiedDatabase {
  if (!existsSync(file)) throw new BackupRefusedError(`The database ${file} doesn't exist.`)
  if (existsSync(copy)) throw new BackupRefusedError(`${copy} already exists.`)
  const unfinished = `${copy}.unfinished`
  try {
    rmSync(unfinished, { force: true })
    createPrivateFile(unfinished)
    vacuumInto(file, unfinished)
    const held = finish(unfinished)
    flush(unfinished)
    renameSync(unfinished, copy)
    flush(dirname(copy))
    return held
  } catch (error) {
    for (const suffix of ["", "-journal", "-wal", "-shm"]) rmSync(unfinished + suffix, { force: true })
    throw error
  }
}

function vacuumInto(file: string, copy: string): void {
  const db = new SqliteDatabase(file)
  try {
    db.exec("PRAGMA busy_timeout = 5000")
    db.query("VACUUM INTO ?").run(copy)
  } finally {
    db.close()
  }
}

function finish(copy: string): CopiedDatabase {
  const db = new SqliteDatabase(copy)
  try {
    db.exec("PRAGMA journal_mode = DELETE; PRAGMA synchronous = FULL")
    // A search index of the original must not be used with the copy once the two diverge.
    db.exec("UPDATE lineage SET lineage = lower(hex(randomblob(16)))")
    const result = textAt(db.query("PRAGMA integrity_check(1)").first() ?? [], 0)
    if (result !== "ok")
      throw new BackupRefusedError(`The copy is damaged, and so is the database: ${result}`)
    const count = (table: string) => numberAt(db.query(`SELECT count(*) FROM ${table}`).first() ?? [], 0)
    return { runs: count("runs"), turns: count("turns") }
  } finally {
    db.close()
  }
}

function flush(path: string): void {
  const descriptor = openSync(path, "r")
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}
