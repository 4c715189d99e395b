import { renameSync, rmSync } from "node:fs"
import { DatabaseNewerError } from "@/server/store/errors"
import { numberAt } from "./bind"
import { createPrivateFile, type SqliteDatabase } from "./SqliteDatabase"
import { MIGRATIONS } from "./schema"

/**
 * Brings a database to the newest schema, a transaction per step, after a copy `<file>.v<version>` of what was there.
 * Throws `DatabaseNewerError` for one that a later program wrote.
 */
export function migrate(db: SqliteDatabase, migrations: readonly string[] = MIGRATIONS): void {
  const isNew = schemaVersion(db) === 0
  for (let version = schemaVersion(db); version !== migrations.length; version = schemaVersion(db)) {
    if (version > migrations.length) throw new DatabaseNewerError(version, migrations.length)
    if (!isNew) copyDatabase(db, `${db.file}.v${version}`)
    const step = migrations[version] ?? ""
    db.transaction(() => {
      // Another process may have taken this step while the lock was waited for.
      if (schemaVersion(db) !== version) return
      db.exec(step)
      db.exec(`PRAGMA user_version = ${version + 1}`)
    })
  }
}

/** The version of a database's schema; 0 for an empty one. */
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
