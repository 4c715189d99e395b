import { existsSync } from "node:fs"
import { join } from "node:path"
import { setTimeout as delay } from "node:timers/promises"
import { parseArgs } from "node:util"
import { agentToken } from "@/cli/serverAccess"
import { runServer } from "@/server/app/runServer"
import { readDataDir } from "@/server/platform/Config"

const HELP = `Usage: turnline demo [--size large|small]

Runs a fleet of simulated agents against the server at PORT, and starts that server if it isn't running.
`
const POLL_MS = 100

/**
 * `turnline demo`: uses the server that is running at `PORT`, or starts one, and runs the demo fleet in this process.
 */
export async function run(args: string[]): Promise<number | undefined> {
  const { values } = parseArgs({
    args,
    options: { size: { type: "string" }, help: { type: "boolean", short: "h" } },
  })
  if (values.help) {
    process.stdout.write(HELP)
    return 0
  }
  Object.assign(process.env, { NODE_ENV: "production", NEXT_TELEMETRY_DISABLED: "1" })
  const url = `http://127.0.0.1:${process.env.PORT || 3000}`
  if (await isOk(`${url}/healthz`)) process.stderr.write(`Using the server at ${url}.\n`)
  else await runServer()
  const tokenFile = join(readDataDir(process.env), "agent.token")
  while (!(await isOk(`${url}/readyz`)) || !(process.env.TURNLINE_TOKEN || existsSync(tokenFile)))
    await delay(POLL_MS)
  process.env.TURNLINE_URL ??= url
  process.env.TURNLINE_TOKEN ??= agentToken(process.env)
  await import("@/demo/main")
  return undefined
}

async function isOk(url: string): Promise<boolean> {
  try {
    return (await fetch(url, { signal: AbortSignal.timeout(1_000) })).ok
  } catch {
    return false
  }
}
