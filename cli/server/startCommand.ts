import { homedir } from "node:os"
import { parseArgs } from "node:util"
import { UsageError } from "@/cli/Command"
import { toolDirectories } from "@/cli/watch/toolDirectories"
import { runServer } from "@/server/app/runServer"

const HELP = `Usage: turnline start [options]

Starts the server and prints the link to open.

Options:
  --port <number>      port to listen on (PORT, default 3000)
  --host <address>     address to listen on (HOST, default 127.0.0.1)
  --data-dir <folder>  where runs and tokens are stored (TURNLINE_DATA_DIR, default .turnline)
  --watch              also show the coding agents that run on this machine
  --help               show this help

All other settings are environment variables: see docs/operations.md.
`

const DAY_MS = 86_400_000

const OPTIONS = {
  port: { type: "string" },
  host: { type: "string" },
  "data-dir": { type: "string" },
  watch: { type: "boolean" },
  help: { type: "boolean", short: "h" },
} as const

/** `turnline start`: runs the server in this process. */
export async function run(args: string[]): Promise<number | undefined> {
  const values = readOptions(args)
  if (values.help) {
    process.stdout.write(HELP)
    return 0
  }
  if (values.port !== undefined) process.env.PORT = values.port
  if (values.host !== undefined) process.env.HOST = values.host
  if (values["data-dir"] !== undefined) process.env.TURNLINE_DATA_DIR = values["data-dir"]
  Object.assign(process.env, { NODE_ENV: "production", NEXT_TELEMETRY_DISABLED: "1" })
  await runServer()
  if (values.watch) {
    const { run: watch } = await import("@/cli/watch/watchCommand")
    return watch([])
  }
  await mentionSessions().catch(() => {})
  return undefined
}

/** Mentions the sessions of coding agents that `turnline watch` could show. */
async function mentionSessions(): Promise<void> {
  const { countSessions, sessionsLine } = await import("@/cli/watch/countSessions")
  const counts = await countSessions(toolDirectories(homedir(), process.env), Date.now() - DAY_MS)
  const program = process.env.npm_lifecycle_event === undefined ? "turnline" : "npm run turnline --"
  const line = sessionsLine(counts, program)
  if (line !== undefined) process.stderr.write(`${line}\n`)
}

function readOptions(args: string[]) {
  try {
    return parseArgs({ args, options: OPTIONS }).values
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error))
  }
}
