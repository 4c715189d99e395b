import { readFile } from "node:fs/promises"
import { parseArgs } from "node:util"
import { UsageError } from "@/cli/Command"
import { requestServer } from "@/cli/serverAccess"

const HELP = `Usage: turnline import <file> … [options]

Imports runs from exports (JSON Lines or JSON). A run keeps its id if the server doesn't have it yet.

Options:
  --url <url>  the server (TURNLINE_URL, default http://127.0.0.1:3000)
  --json       print the server's replies as JSON

The token comes from TURNLINE_TOKEN, or from agent.token in the data directory.
`

const OPTIONS = {
  url: { type: "string" },
  json: { type: "boolean" },
  help: { type: "boolean", short: "h" },
} as const

type Imported = { run_id: string; turns: number }

/** `turnline import`: uploads exported runs. */
export async function run(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({ args, options: OPTIONS, allowPositionals: true })
  if (values.help) {
    process.stdout.write(HELP)
    return 0
  }
  if (positionals.length === 0) throw new UsageError("Name at least one file.")
  for (const file of positionals) {
    const body = await readFile(file)
    const headers = { "content-type": file.endsWith(".json") ? "application/json" : "application/x-ndjson" }
    const response = await requestServer(values.url, "agent", "/api/import", {
      method: "POST",
      body,
      headers,
    })
    const reply = (await response.json()) as Imported
    process.stdout.write(
      values.json
        ? `${JSON.stringify(reply)}\n`
        : `${file}: imported as ${reply.run_id}, ${reply.turns} turns\n`,
    )
  }
  return 0
}
