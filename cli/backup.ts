import { setPriority } from "node:os"
import { databaseFile } from "@/server/app/openStores"
import { BackupRefusedError } from "@/server/backup/BackupRefusedError"
import { makeBackup } from "@/server/backup/makeBackup"
import { readDataDir } from "@/server/platform/Config"

const USAGE = `npm run backup -- <file or folder>

  a folder   everything that a server needs, in a new folder below it
  a file     the database alone`
const BEHIND_A_SERVER = 10

/** `npm run backup`: copies the data directory's data, beside a running server or without one. */
process.umask(0o077)
process.exitCode = run(process.argv.slice(2))

function run(args: string[]): number {
  const [target] = args
  if (args.length !== 1 || !target || target.startsWith("-")) return complain(USAGE)
  const dataDir = readDataDir(process.env)
  setPriority(BEHIND_A_SERVER)
  try {
    const file = databaseFile(dataDir)
    const { path, runs, turns, bytes } = makeBackup({
      dataDir,
      databaseFile: file,
      target,
      now: new Date(),
    })
    process.stdout.write(
      `${path}: ${runs} runs, ${turns} turns, ${(bytes / 1e6).toFixed(1)} MB, checked and on the disk\n`,
    )
    return 0
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    return complain(error instanceof BackupRefusedError ? why : `No backup was made: ${why}`)
  }
}

function complain(sentence: string): number {
  process.stderr.write(`${sentence}\n`)
  return 1
}
