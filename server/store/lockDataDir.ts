import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { DataDirInUseError } from "./errors"
import { createPrivateFile, SqliteDatabase } from "./sqlite/SqliteDatabase"

export type DataDirLock = { release(): void }

/**
 * Keeps a data directory for this process until `release` or the process's end, however it comes.
 * Throws `DataDirInUseError` naming the holder's pid.
 */
export function lockDataDir(dir: string): DataDirLock {
  const pidFile = join(dir, "server.pid")
  const lockFile = join(dir, "server.lock")
  createPrivateFile(lockFile)
  const db = new SqliteDatabase(lockFile)
  try {
    // The kernel holds this lock for SQLite: it goes with the process, and no other process that gets its pid has it.
    db.exec("BEGIN EXCLUSIVE")
  } catch {
    db.close()
    throw new DataDirInUseError(dir, readPid(pidFile))
  }
  writeFileSync(pidFile, `${process.pid}\n`, { mode: 0o600 })
  return { release: () => db.close() }
}

function readPid(file: string): number | undefined {
  try {
    return Number.parseInt(readFileSync(file, "utf8"), 10) || undefined
  } catch {
    return undefined
  }
}
