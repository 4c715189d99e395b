import { type ChildProcess, spawn } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"

/** How a load process connects to a server. */
export type PeerAddress = { port: number; agentToken: string; viewerToken: string }

/** A server under test, in its own process. */
export type Peer = {
  readonly name: "ours" | "bare" | "flushed"
  readonly url: string
  readonly pid: number
  readonly viewerToken: string
  readonly address: PeerAddress
  /** Kills it with SIGKILL and starts a new process on the same port and data. Resolves once the new one listens. */
  crashAndRestart(): Promise<void>
  /** Stops it and deletes its data. */
  stop(): Promise<void>
}

/** All bench programs are bundled into one folder. */
const program = (name: string) => fileURLToPath(new URL(`./${name}.js`, import.meta.url))

/** Limits that no row measures, raised so that they have no effect. */
const HIGH_LIMITS = {
  TURNLINE_RATE_PER_SOCKET: "1000000",
  TURNLINE_MAX_TURNS_PER_RUN: "1000000",
  TURNLINE_LOG_LEVEL: "error",
}

async function launch(
  name: string,
  env: Record<string, string>,
): Promise<{ child: ChildProcess; url: string }> {
  const child = spawn(process.execPath, ["--enable-source-maps", "--expose-gc", program(name)], {
    env: { PATH: process.env.PATH, HOME: process.env.HOME, NODE_ENV: "production", ...env },
    stdio: ["ignore", "pipe", "inherit"],
  })
  // The server must not outlive this process.
  const end = () => child.kill("SIGKILL")
  process.once("exit", end)
  child.once("exit", () => process.off("exit", end))
  return new Promise((resolve, reject) => {
    createInterface({ input: child.stdout }).on("line", (line) => {
      const url = line.match(/ at (http:\S+)/)?.[1]
      if (url !== undefined) resolve({ child, url })
    })
    child.once("exit", (code) => reject(new Error(`${name} ended with ${code}`)))
  })
}

const gone = (child: ChildProcess) =>
  new Promise<void>((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) resolve()
    else child.once("exit", () => resolve())
  })

/** Starts the plain Socket.IO server. `flushed`: it writes each command to a file and flushes it before publishing. */
export async function startBare(name: "bare" | "flushed" = "bare"): Promise<Peer> {
  const { child, url } = await launch("bare", name === "flushed" ? { BARE_FLUSHES: "1" } : {})
  const port = Number(new URL(url).port)
  return {
    name,
    url,
    pid: child.pid ?? -1,
    viewerToken: "none",
    address: { port, agentToken: "none", viewerToken: "none" },
    crashAndRestart: () => Promise.reject(new Error("the bare server has no storage")),
    async stop() {
      child.kill("SIGTERM")
      await gone(child)
    },
  }
}

/** Starts the product on a new data directory, or on an existing one. */
export async function startOurs(
  given: { dataDir?: string; env?: Record<string, string> } = {},
): Promise<Peer> {
  const dataDir = given.dataDir ?? mkdtempSync(join(tmpdir(), "turnline-bench-"))
  const env = { TURNLINE_DATA_DIR: dataDir, ...HIGH_LIMITS, ...given.env }
  let running = await launch("product", { ...env, PORT: "0" })
  const { url } = running
  const port = Number(new URL(url).port)
  const token = (name: string) => readFileSync(join(dataDir, name), "utf8").trim()
  const address = { port, agentToken: token("agent.token"), viewerToken: token("viewer.token") }
  return {
    name: "ours",
    url,
    get pid() {
      return running.child.pid ?? -1
    },
    viewerToken: address.viewerToken,
    address,
    async crashAndRestart() {
      running.child.kill("SIGKILL")
      await gone(running.child)
      running = await launch("product", { ...env, PORT: String(port) })
    },
    async stop() {
      running.child.kill("SIGTERM")
      await gone(running.child)
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}
