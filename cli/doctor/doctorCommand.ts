import { parseArgs } from "node:util"
import { serverOf } from "@/cli/serverAccess"
import { version } from "@/cli/version"
import type { Check } from "./Check"
import { runChecks } from "./checks"

const HELP = `Usage: turnline doctor [options]

Checks settings, data directory, port, tokens, proxy and the connection to the server.
Exits with 1 if it finds a problem.

Options:
  --url <url>  the server (TURNLINE_URL, default http://127.0.0.1:3000)
  --json       print the results as JSON
`
const MARKS: Record<Check["level"], string> = { ok: "ok     ", warning: "warning", problem: "problem" }

/** `turnline doctor`: diagnoses why a server or an agent doesn't work. */
export async function run(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: { url: { type: "string" }, json: { type: "boolean" }, help: { type: "boolean", short: "h" } },
  })
  if (values.help) {
    process.stdout.write(HELP)
    return 0
  }
  const checks = await runChecks(serverOf(values.url, process.env), process.env)
  const failed = checks.some(({ level }) => level === "problem")
  if (values.json)
    process.stdout.write(`${JSON.stringify({ version: version(), ok: !failed, checks }, null, 2)}\n`)
  else {
    process.stdout.write(`turnline ${version()}, Node ${process.versions.node}\n`)
    for (const { level, name, message } of checks)
      process.stdout.write(`${MARKS[level]}  ${name}: ${message}\n`)
  }
  return failed ? 1 : 0
}
