import { renameSync, rmSync } from "node:fs"
import { DatabaseNewerError } from "@/server/store/errors"
import { numberAt } from "./bind"
import { createPrivateFile, type SqliteDatabase } from "./SqliteDatabase"
import { MIGRATIONS } from "./schema"

/**
 * Migrates a database to the newest schema. Each migration runs in its own transaction. Before each migration, the
 * database is copied to `<file>.v<version>`, unless it was empty at first.
 *
 * @throws {DatabaseNewerError} if a later version of this program wrote the database.
 */
export function migrate(db: SqliteDatabase, migrations: readonly string[] = MIGRATIONS): void {
  const isNew = schemaVersion(db) === 0
  for (let version = schemaVersion(db); version !== migrations.length; version = schemaVersion(db)) {
    if (version > migrations.length) throw new DatabaseNewerError(version, migrations.length)
    if (!isNew) copyDatabase(db, `${db.file}.v${version}`)
    const step = migrations[version] ?? ""
    db.transaction(() => {
      // Another process may have done this migration while this one waited for the lock.
      if (schemaVersion(db) !== version) return
      db.exec(step)
      db.exec(`PRAGMA user_version = ${version + 1}`)
    })
  }
}

/** Returns the version of a database's schema; 0 for an empty database. */
export function schemaVersion(db: SqliteDatabase): number {
  return numberAt(db.query("PRAGMA user_version").first() ?? [], 0)
}

function copyDatabase(db: SqliteDatabase, copy: string): void {
  const unfinished = `${copy}.unfinished`
  rmSync(unfinished, { force: true })
  createPrivateFile(unfinished)
  db.query("VACUUM INTO ?").run(unfinished)
  renameSync(unfinished, copy)
}
