import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { basename, join, resolve } from "node:path"
import { auditFile, fullFiles } from "@/server/audit/auditFiles"
import { type CopiedDatabase, copyDatabase } from "./copyDatabase"

/** Keys and tokens that a server reads from its data directory. */
const SECRETS = /^(redact\.key|[a-z]+\.token)$/

export type Backup = CopiedDatabase & {
  /** The new file, or the new folder, which can be used as a data directory. */
  path: string
  /** The total size of the backup's files. */
  bytes: number
}

/**
 * Copies the data of a server that may be running. If the target is an existing folder or ends with a slash, a new
 * folder in it gets the database, tokens, keys and the audit log, and can be used as a data directory. Otherwise the
 * target is a file that gets the database. The search index is left out: a server rebuilds it.
 *
 * @throws {BackupRefusedError} after removing everything that was written.
 */
export function makeBackup(parts: {
  dataDir: string
  databaseFile: string
  target: string
  now: Date
}): Backup {
  const { dataDir, databaseFile, now } = parts
  const target = resolve(parts.target)
  const isFolder = parts.target.endsWith("/") || (existsSync(target) && statSync(target).isDirectory())
  if (!isFolder) {
    const held = copyDatabase(databaseFile, target)
    return { ...held, path: target, bytes: statSync(target).size }
  }
  const folder = join(target, `turnline-${now.toISOString().replace(/[-:]|\.\d+/g, "")}`)
  mkdirSync(target, { recursive: true, mode: 0o700 })
  mkdirSync(folder, { mode: 0o700 })
  try {
    const held = copyDatabase(databaseFile, join(folder, basename(databaseFile)))
    copySmallFiles(dataDir, folder)
    return { ...held, path: folder, bytes: sizeOf(folder) }
  } catch (error) {
    rmSync(folder, { recursive: true, force: true })
    throw error
  }
}

function copySmallFiles(dataDir: string, folder: string): void {
  for (const name of readdirSync(dataDir).filter((name) => SECRETS.test(name)))
    copyWhole(join(dataDir, name), join(folder, name))
  for (const file of fullFiles(dataDir)) copyWhole(file, join(folder, basename(file)))
  const current = auditFile(dataDir)
  if (existsSync(current)) copyWhole(current, join(folder, basename(current)), wholeLines)
}

function copyWhole(from: string, to: string, take = (bytes: Buffer) => bytes): void {
  writeFileSync(to, take(readFileSync(from)), { flag: "wx", mode: 0o600, flush: true })
}

/** Returns the complete lines, without a line that is still being written. */
function wholeLines(bytes: Buffer): Buffer {
  return bytes.subarray(0, bytes.lastIndexOf("\n") + 1)
}

function sizeOf(folder: string): number {
  return readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0)
}
