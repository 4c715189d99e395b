import { copyFileSync, existsSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { basename, join } from "node:path"
import { findDatabase } from "./readSqlite"

/** A copy of a store's database and log without its shared memory, as after a power loss. */
export type StoreCopy = { database: string; log: string; remove(): void }

/** Copies a store's files unchanged. The server must be stopped (SIGSTOP) or dead. */
export function copyStore(dataDir: string): StoreCopy {
  const source = findDatabase(dataDir)
  const folder = mkdtempSync(join(tmpdir(), "turnline-copy-"))
  const database = join(folder, basename(source))
  copyFileSync(source, database)
  const log = `${database}-wal`
  if (existsSync(`${source}-wal`)) copyFileSync(`${source}-wal`, log)
  return { database, log, remove: () => rmSync(folder, { recursive: true, force: true }) }
}
