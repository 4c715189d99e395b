import { type ChildProcess, spawn } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { build } from "esbuild"

const ROOT = new URL("../..", import.meta.url).pathname
const MAX_LOG = 200_000

let bundling: Promise<string> | undefined

/** Bundles the node's program once per process, because starting a bundle is much faster than compiling. */
function bundle(): Promise<string> {
  bundling ??= (async () => {
    const outfile = join(ROOT, "build", `cluster-node-${process.pid}.mjs`)
    await build({
      ...{ entryPoints: [join(ROOT, "e2e/cluster/node.ts")], outfile, absWorkingDir: ROOT, bundle: true },
      ...{ platform: "node", format: "esm", target: "node20", packages: "external" },
      alias: { "@": ROOT.replace(/\/$/, "") },
    })
    process.once("exit", () => rmSync(outfile, { force: true }))
    return outfile
  })()
  return bundling
}

/** One node of a cluster: a process that can be killed, stopped and restarted on the same port. */
export class ClusterNode {
  readonly name: string
  readonly dataDir = mkdtempSync(join(tmpdir(), "turnline-cluster-node-"))
  port = 0
  log = ""
  /** How often the process ended unexpectedly. */
  crashes = 0
  /** The node's own settings, read at each start. */
  readonly env: Record<string, string>
  #child: ChildProcess | undefined

  constructor(name: string, env: Record<string, string>) {
    this.name = name
    this.env = { ...env }
  }

  get isRunning(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null
  }

  /** Starts the process. Resolves once it listens. */
  async start(): Promise<void> {
    const child = spawn(process.execPath, [await bundle()], {
      cwd: ROOT,
      env: {
        PATH: process.env.PATH,
        PORT: String(this.port),
        TURNLINE_DATA_DIR: this.dataDir,
        TURNLINE_NODE_NAME: this.name,
        TURNLINE_LOG_LEVEL: "info",
        TURNLINE_DATABASE_CONNECTIONS: "14",
        TURNLINE_MAX_CONNECTIONS_PER_TOKEN: "0",
        NODE_ENV: "production",
        ...this.env,
      },
      stdio: ["ignore", "pipe", "pipe"],
    })
    this.#child = child
    child.once("exit", (code) => {
      if (code !== null && code !== 0) this.crashes += 1
    })
    child.stderr.on("data", (data) => {
      this.log = (this.log + data).slice(-MAX_LOG)
    })
    this.port = await new Promise<number>((resolve, reject) => {
      createInterface({ input: child.stdout }).once("line", (line) => resolve(Number(line)))
      child.once("exit", (code) =>
        reject(new Error(`${this.name} ended with ${code}: ${this.log.slice(-2_000)}`)),
      )
    })
  }

  token(name: "viewer" | "agent"): string {
    return readFileSync(join(this.dataDir, `${name}.token`), "utf8").trim()
  }

  /** Sends a signal without waiting for anything. */
  signal(signal: "SIGSTOP" | "SIGCONT" | "SIGKILL"): void {
    this.#child?.kill(signal)
  }

  async kill(): Promise<void> {
    await this.#end("SIGKILL")
  }

  /** Stops the node gracefully, as a deployment does. */
  async stop(): Promise<void> {
    await this.#end("SIGTERM")
  }

  async dispose(): Promise<void> {
    this.signal("SIGCONT")
    await this.kill()
    rmSync(this.dataDir, { recursive: true, force: true })
  }

  async #end(signal: "SIGKILL" | "SIGTERM"): Promise<void> {
    const child = this.#child
    if (child === undefined || !this.isRunning) return
    const ended = new Promise((resolve) => child.once("exit", resolve))
    child.kill(signal)
    await ended
  }
}
