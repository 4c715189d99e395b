import { existsSync } from "node:fs"
import { UsageError } from "@/cli/Command"
import { databaseFile } from "@/server/app/openStores"
import { migrateStore } from "@/server/backup/migrateStore"
import { readDataDir } from "@/server/platform/Config"

const HELP = `Usage: turnline migrate-store [<postgres://…>]

Copies the runs, tokens and sessions of the data directory (TURNLINE_DATA_DIR) into an empty PostgreSQL
database: the given one, or DATABASE_URL. Stop the server that uses the data directory first. Every run is read
back and compared. If the copy is interrupted, run the command again to continue.
`
const RUNS_PER_LINE = 1_000

/** `turnline migrate-store`: copies the embedded store into PostgreSQL. */
export async function run(args: string[]): Promise<number> {
  process.umask(0o077)
  if (args.includes("--help") || args.includes("-h")) {
    process.stdout.write(HELP)
    return 0
  }
  const [url = process.env.DATABASE_URL] = args
  if (args.length > 1) throw new UsageError("Specify only one database.")
  if (!url || !/^postgres(ql)?:\/\//.test(url))
    throw new UsageError("Specify a database, such as postgres://user@host/database.")
  const file = databaseFile(readDataDir(process.env))
  if (!existsSync(file)) throw new Error(`Nothing to copy: ${file} doesn't exist.`)
  const onRun = (copied: number) => {
    if (copied > 0 && copied % RUNS_PER_LINE === 0) process.stderr.write(`${copied} runs copied\n`)
  }
  const { runs, turns, tokens, sessions, skipped } = await migrateStore({ databaseFile: file, url, onRun })
  if (runs === 0 && skipped > 0)
    process.stdout.write(`Already done: all ${skipped} runs are in the database.\n`)
  else
    process.stdout.write(
      `Copied ${runs} runs with ${turns} turns, ${tokens} tokens and ${sessions} sessions, each run verified.\n`,
    )
  return 0
}
