import { type ChildProcess, spawn } from "node:child_process"
import { existsSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import type { Logger } from "pino"

const RESTART_DELAY_MS = 5_000
/** The fleet is killed if it doesn't exit within this time after SIGTERM. */
const EXIT_TIMEOUT_MS = 2_000

type DemoFleetOptions = {
  /** The server's address. */
  url: string
  token: string
  size: "large" | "small"
  logger: Logger
  /** The program to run. Default: `demo.js` next to this program. */
  program?: string
}

/** Runs the demo fleet in its own process and restarts it if it exits. Returns a function that stops it. */
export function runDemoFleet(parts: DemoFleetOptions): () => Promise<void> {
  const { url, token, size, logger } = parts
  const program = parts.program ?? join(dirname(fileURLToPath(import.meta.url)), "demo.js")
  let child: ChildProcess | undefined
  let restart: NodeJS.Timeout | undefined
  let stopped = false

  function spawnFleet(): void {
    child = spawn(process.execPath, [program, "--size", size], {
      // The token is passed in the environment, because every user of the machine can read a process's arguments.
      env: { PATH: process.env.PATH, NODE_ENV: "production", TURNLINE_URL: url, TURNLINE_TOKEN: token },
      // The fleet ends when its IPC channel closes, which happens even if this process is killed with SIGKILL.
      stdio: ["ignore", "ignore", "ignore", "ipc"],
    })
    child.once("error", () => undefined)
    child.once("exit", (code, signal) => {
      if (stopped) return
      logger.warn({ code, signal }, "the demo fleet exited; restarting it")
      restart = setTimeout(spawnFleet, RESTART_DELAY_MS)
      restart.unref()
    })
  }

  if (existsSync(program)) spawnFleet()
  else logger.warn({ program }, "the demo fleet isn't built")

  return async () => {
    stopped = true
    clearTimeout(restart)
    const running = child
    if (running === undefined || running.exitCode !== null || running.signalCode !== null) return
    const gone = new Promise((resolve) => running.once("exit", resolve))
    running.kill("SIGTERM")
    const last = setTimeout(() => running.kill("SIGKILL"), EXIT_TIMEOUT_MS)
    await gone
    clearTimeout(last)
  }
}
