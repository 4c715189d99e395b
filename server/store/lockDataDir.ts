import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { DataDirInUseError } from "./errors"
import { createPrivateFile, SqliteDatabase } from "./sqlite/SqliteDatabase"

export type DataDirLock = { release(): void }

/**
 * Locks a data directory for this process. The lock ends with `release` or with the process, even if the process is
 * killed.
 *
 * @throws {DataDirInUseError} with the pid of the process that holds the lock.
 */
export function lockDataDir(dir: string): DataDirLock {
  const pidFile = join(dir, "server.pid")
  const lockFile = join(dir, "server.lock")
  createPrivateFile(lockFile)
  const db = new SqliteDatabase(lockFile)
  try {
    // SQLite's lock is a kernel lock: it ends with the process, and a later process with the same pid doesn't hold it.
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
