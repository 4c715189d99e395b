import { join } from "node:path"
import { createPrivateFile, SqliteDatabase } from "@/server/store/sqlite/SqliteDatabase"

export type AuditLock = { release(): void }

/** Locks a data directory's audit log for this process. Returns undefined if another process holds the lock. */
export function lockAudit(dir: string): AuditLock | undefined {
  const file = join(dir, "audit.lock")
  createPrivateFile(file)
  const db = new SqliteDatabase(file)
  try {
    // SQLite uses a kernel lock, which ends with the process, even on SIGKILL.
    db.exec("BEGIN EXCLUSIVE")
    return { release: () => db.close() }
  } catch {
    db.close()
    return undefined
  }
}
