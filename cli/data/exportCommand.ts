import { createWriteStream } from "node:fs"
import { Readable } from "node:stream"
import { pipeline } from "node:stream/promises"
import type { ReadableStream } from "node:stream/web"
import { parseArgs } from "node:util"
import { UsageError } from "@/cli/Command"
import { requestServer } from "@/cli/serverAccess"

const HELP = `Usage: turnline export <run id> [options]

Writes a run's complete trace to standard output or to a file.

Options:
  --format jsonl|json  default jsonl
  --output <file>      default standard output
  --url <url>          the server (TURNLINE_URL, default http://127.0.0.1:3000)

The token comes from TURNLINE_TOKEN, or from viewer.token in the data directory.
`

const OPTIONS = {
  format: { type: "string", default: "jsonl" },
  output: { type: "string", short: "o" },
  url: { type: "string" },
  help: { type: "boolean", short: "h" },
} as const

/** `turnline export`: downloads a run. */
export async function run(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({ args, options: OPTIONS, allowPositionals: true })
  if (values.help) {
    process.stdout.write(HELP)
    return 0
  }
  const [runId] = positionals
  if (positionals.length !== 1 || !runId) throw new UsageError("Specify one run id.")
  const path = `/api/runs/${encodeURIComponent(runId)}/export?format=${encodeURIComponent(values.format)}`
  const response = await requestServer(values.url, "viewer", path)
  if (response.body === null) throw new Error("The server sent an empty response.")
  const target = values.output === undefined ? process.stdout : createWriteStream(values.output)
  // The cast is needed because the type of a response's body differs from the one that `fromWeb` expects.
  await pipeline(Readable.fromWeb(response.body as ReadableStream), target)
  return 0
}
