import { dirname, resolve } from "node:path"
import type { AccessStore, SessionRow, TokenRow } from "@/server/store/AccessStore"
import { lockDataDir } from "@/server/store/lockDataDir"
import { migrate, schemaVersion } from "@/server/store/sqlite/migrate"
import { openForWriting, type SqliteDatabase } from "@/server/store/sqlite/SqliteDatabase"
import type { SqliteRunStore } from "@/server/store/sqlite/SqliteRunStore"
import { MIGRATIONS } from "@/server/store/sqlite/schema"
import { createAccessOps } from "./createAccessOps"

/** Tokens and sessions in a run store's database, by way of its threads. */
export class SqliteAccessStore implements AccessStore {
  constructor(readonly store: Pick<SqliteRunStore, "writer" | "reader">) {}

  addToken = (row: TokenRow) => this.store.writer.call("addToken", row)
  listTokens = () => this.store.reader.call("listTokens", undefined)
  revokeTokens = (nameOrId: string, at: string) => this.store.writer.call("revokeTokens", { nameOrId, at })
  addSession = (row: SessionRow) => this.store.writer.call("addSession", row)
  findSession = (sha256: string) => this.store.reader.call("findSession", sha256)
  endSession = (sha256: string) => this.store.writer.call("endSession", sha256)
  deleteExpiredSessions = (now: string) => this.store.writer.call("deleteExpiredSessions", now)
}

/** Tokens and sessions on a connection of this thread. */
export type DirectAccessStore = AccessStore & { close(): void }

/**
 * Opens tokens and sessions with or without a running server. Creates and migrates the database if needed; each write is its own transaction.
 * Throws `DatabaseNewerError`, `DataDirInUseError` if a server is running on an older database, and SQLite's own errors.
 */
export function openAccessStoreDirect(file: string): DirectAccessStore {
  const db = openForWriting(resolve(file))
  try {
    migrateDirect(db)
  } catch (trouble) {
    db.close()
    throw trouble
  }
  const ops = createAccessOps(db)
  return {
    addToken: async (row) => db.transaction(() => ops.addToken(row)),
    listTokens: async () => ops.listTokens(),
    revokeTokens: async (nameOrId, at) => db.transaction(() => ops.revokeTokens({ nameOrId, at })),
    addSession: async (row) => db.transaction(() => ops.addSession(row)),
    findSession: async (sha256) => ops.findSession(sha256),
    endSession: async (sha256) => db.transaction(() => ops.endSession(sha256)),
    deleteExpiredSessions: async (now) => db.transaction(() => ops.deleteExpiredSessions(now)),
    close: () => db.close(),
  }
}

// An older database may be in use by an older server, which would not know its tables any more.
function migrateDirect(db: SqliteDatabase): void {
  const version = schemaVersion(db)
  const outdated = version > 0 && version < MIGRATIONS.length
  const lock = outdated ? lockDataDir(dirname(db.file)) : undefined
  try {
    migrate(db)
  } finally {
    lock?.release()
  }
}
