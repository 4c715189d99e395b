import { join } from "node:path"
import { createPrivateFile, SqliteDatabase } from "@/server/store/sqlite/SqliteDatabase"

export type AuditLock = { release(): void }

/** Keeps a data directory's audit log for this process, whose lines alone may be appended; undefined when another one has it. */
export function lockAudit(dir: string): AuditLock | undefined {
  const file = join(dir, "audit.lock")
  createPrivateFile(file)
  const db = new SqliteDatabase(file)
  try {
    // The kernel holds this lock for SQLite: it goes with the process, however that ends.
    db.exec("BEGIN EXCLUSIVE")
    return { release: () => db.close() }
  } catch {
    db.close()
    return undefined
  }
}
