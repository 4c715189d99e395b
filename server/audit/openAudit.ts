import { join } from "node:path"
import type { Logger } from "pino"
import type { Clock } from "@/server/platform/Clock"
import { createPrivateFile, SqliteDatabase } from "@/server/store/sqlite/SqliteDatabase"
import { type Audit, type AuditEntry, NO_AUDIT } from "./Audit"
import { AuditFile } from "./AuditFile"
import { AuditLog } from "./AuditLog"

/** The number of further attempts to take the lock, which a command may hold for a moment. */
const TRIES = 20
const TRY_MS = 100

/** An open audit log and its queue. */
export type OpenAudit = Audit & { figures: { waiting: number; dropped: number }; close(): Promise<void> }

/** The audit log of a server that has turned it off. */
export const CLOSED_AUDIT: OpenAudit = {
  ...NO_AUDIT,
  figures: { waiting: 0, dropped: 0 },
  close: () => Promise.resolve(),
}

/**
 * Opens the audit log of a data directory for a server; `retainedBytes: 0` turns it off. Rejects when another process
 * holds its lock.
 */
export async function openAudit(parts: {
  dir: string
  clock: Clock
  logger: Logger
  retainedBytes: number
}): Promise<OpenAudit> {
  if (parts.retainedBytes === 0) return CLOSED_AUDIT
  let lock = lockAudit(parts.dir)
  for (let tries = 0; lock === undefined && tries < TRIES; tries++) {
    await new Promise((resolve) => setTimeout(resolve, TRY_MS))
    lock = lockAudit(parts.dir)
  }
  if (lock === undefined) throw new Error("Another process holds the lock of the audit log.")
  const held = lock
  const log = new AuditLog(parts)
  return {
    record: (entry) => log.record(entry),
    get figures() {
      return log.figures
    },
    async close() {
      await log.close()
      held.release()
    },
  }
}

/**
 * Records one entry for a command. Does nothing while a server is running, because the server notices the change and
 * records it.
 */
export async function recordAlone(dir: string, retainedBytes: number, entry: AuditEntry): Promise<void> {
  const lock = retainedBytes === 0 ? undefined : lockAudit(dir)
  if (lock === undefined) return
  const file = new AuditFile(dir, retainedBytes)
  try {
    await file.append([{ at: new Date().toISOString(), entry }])
    await file.close()
  } finally {
    lock.release()
  }
}

type AuditLock = { release(): void }

/** Locks a data directory's audit log for this process. Returns undefined if another process holds the lock. */
function lockAudit(dir: string): AuditLock | undefined {
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
