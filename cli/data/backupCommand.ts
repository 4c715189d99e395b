import { setPriority } from "node:os"
import { programName } from "@/cli/programName"
import { databaseFile } from "@/server/app/openStores"
import { BackupRefusedError } from "@/server/backup/BackupRefusedError"
import { makeBackup } from "@/server/backup/makeBackup"
import { readDataDir } from "@/server/platform/Config"

const usage = () => `Usage: ${programName("backup")} <file or folder>

  a folder   everything that a server needs, in a new folder below it
  a file     the database only
`
/** The process priority of a backup: lower than a server's. */
const LOW_PRIORITY = 10

/** `turnline backup`: copies the data directory, whether or not a server is running. */
export async function run(args: string[]): Promise<number> {
  process.umask(0o077)
  const [target] = args
  if (args.includes("--help") || args.includes("-h")) {
    process.stdout.write(usage())
    return 0
  }
  if (args.length !== 1 || !target || target.startsWith("-")) return fail(usage())
  const dataDir = readDataDir(process.env)
  setPriority(LOW_PRIORITY)
  try {
    const options = { dataDir, databaseFile: databaseFile(dataDir), target, now: new Date() }
    const { path, runs, turns, bytes } = makeBackup(options)
    const size = `${(bytes / 1e6).toFixed(1)} MB`
    process.stdout.write(`${path}: ${runs} runs, ${turns} turns, ${size}, verified and flushed to disk\n`)
    return 0
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    return fail(error instanceof BackupRefusedError ? message : `The backup failed: ${message}`)
  }
}

function fail(message: string): number {
  process.stderr.write(`${message.trimEnd()}\n`)
  return 1
}
