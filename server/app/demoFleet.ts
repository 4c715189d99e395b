import { type ChildProcess, spawn } from "node:child_process"
import { existsSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import type { Logger } from "pino"

const AGAIN_MS = 5_000
/** A fleet that says no goodbye within this is ended. */
const GOODBYE_MS = 2_000

type DemoFleetParts = {
  /** Where the fleet finds the server. */
  url: string
  token: string
  size: "large" | "small"
  logger: Logger
  /** The program to run; the fleet's own, beside this one, when left out. */
  program?: string
}

/** Has the made-up fleet work in a process of its own, begun anew when it ends by itself. Returns how to send it home. */
export function runDemoFleet(parts: DemoFleetParts): () => Promise<void> {
  const { url, token, size, logger } = parts
  const program = parts.program ?? join(dirname(fileURLToPath(import.meta.url)), "demo.js")
  let child: ChildProcess | undefined
  let again: NodeJS.Timeout | undefined
  let stopped = false

  function begin(): void {
    child = spawn(process.execPath, [program, "--size", size], {
      // The token goes by the environment: arguments are everybody's to read.
      env: { PATH: process.env.PATH, NODE_ENV: "production", TURNLINE_URL: url, TURNLINE_TOKEN: token },
      // Over the fourth the fleet notices when this process is gone, however it went.
      stdio: ["ignore", "ignore", "ignore", "ipc"],
    })
    child.once("error", () => undefined)
    child.once("exit", (code, signal) => {
      if (stopped) return
      logger.warn({ code, signal }, "the demo fleet ended; it begins anew")
      again = setTimeout(begin, AGAIN_MS)
      again.unref()
    })
  }

  if (existsSync(program)) begin()
  else logger.warn({ program }, "the demo fleet has not been built")

  return async () => {
    stopped = true
    clearTimeout(again)
    const running = child
    if (running === undefined || running.exitCode !== null || running.signalCode !== null) return
    const gone = new Promise((resolve) => running.once("exit", resolve))
    running.kill("SIGTERM")
    const last = setTimeout(() => running.kill("SIGKILL"), GOODBYE_MS)
    await gone
    clearTimeout(last)
  }
}
