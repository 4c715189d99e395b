import { dirname, resolve } from "node:path"
import type { AccessStore, SessionRow, TokenRow } from "@/server/store/AccessStore"
import { lockDataDir } from "@/server/store/lockDataDir"
import { migrate, schemaVersion } from "@/server/store/sqlite/migrate"
import { openForWriting, type SqliteDatabase } from "@/server/store/sqlite/SqliteDatabase"
import type { SqliteRunStore } from "@/server/store/sqlite/SqliteRunStore"
import { MIGRATIONS } from "@/server/store/sqlite/schema"
import { createAccessOps } from "./createAccessOps"

/** Tokens and sessions in a run store's database, accessed through the run store's threads. */
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

/** Tokens and sessions, accessed through a connection in this thread. */
export type DirectAccessStore = AccessStore & { close(): void }

/**
 * Opens tokens and sessions, whether or not a server is running. Creates and migrates the database if necessary. Each
 * write is a separate transaction.
 *
 * @throws {DatabaseNewerError} if a later version of this program wrote the database.
 * @throws {DataDirInUseError} if a server is using a database that must be migrated.
 */
export function openAccessStoreDirect(file: string): DirectAccessStore {
  const db = openForWriting(resolve(file))
  try {
    migrateDirect(db)
  } catch (error) {
    db.close()
    throw error
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

// Takes the lock before migrating an older database, because a running older server wouldn't support the new schema.
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
