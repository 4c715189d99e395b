import { readFileSync } from "node:fs"
import { dirname, join } from "node:path"
import type { Client } from "pg"
import { lockDataDir } from "@/server/store/lockDataDir"
import { connectWriter } from "@/server/store/postgres/Connection"
import { migrate } from "@/server/store/postgres/migrate"
import { asOpenError } from "@/server/store/postgres/openErrors"
import { openForReading } from "@/server/store/sqlite/SqliteDatabase"
import { type MigratedStore, StoreCopy } from "./StoreCopy"

/** Keeps existing values: an earlier attempt or a running node may have set them. */
const PUT_SETTING = "INSERT INTO settings (name, value) VALUES ($1, $2) ON CONFLICT DO NOTHING"

/**
 * Copies a data directory into an empty PostgreSQL database: runs with their turns and keys, tokens and sessions,
 * foreign requests that haven't become turns yet, and the redaction key. Each run is copied in one transaction, read
 * back and compared. After an interruption, another call continues where the first one stopped.
 *
 * @throws {BackupRefusedError} when the target contains other data, or a copy differs from its source.
 * @throws {DataDirInUseError} when a server is using the source.
 * @throws {DatabaseUnusableError} when the target can't be reached or used.
 */
export async function migrateStore(options: {
  databaseFile: string
  url: string
  onRun?: (copied: number) => void
}): Promise<MigratedStore> {
  const dataDir = dirname(options.databaseFile)
  const lock = lockDataDir(dataDir)
  const source = openForReading(options.databaseFile)
  try {
    const target = await openTarget(options.url)
    try {
      const copied = await new StoreCopy(source, target, options.onRun).run()
      const key = readKey(dataDir)
      if (key !== undefined) await target.query(PUT_SETTING, ["redact_key", key])
      return copied
    } finally {
      await target.end().catch(() => {})
    }
  } finally {
    source.close()
    lock.release()
  }
}

async function openTarget(url: string): Promise<Client> {
  try {
    const target = await connectWriter({
      url,
      applicationName: "turnline migrate-store",
      withoutTimeouts: true,
    })
    await migrate(target).catch(async (error) => {
      await target.end().catch(() => {})
      throw error
    })
    return target
  } catch (error) {
    throw asOpenError(error, url)
  }
}

/**
 * Reads the key of the redaction markers, so that equal secrets keep equal markers. A server without redaction has no
 * key.
 */
function readKey(dataDir: string): string | undefined {
  try {
    return readFileSync(join(dataDir, "redact.key"), "utf8").trim()
  } catch {
    return undefined
  }
}
