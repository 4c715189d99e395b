import { type ChildProcess, spawn } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createInterface } from "node:readline"

/** The product as started by `npm start`: a separate process with a new data directory. */
export type RunningServer = {
  url: string
  /** The printed sign-in link. */
  link: string
  dataDir: string
  agentToken: string
  viewerToken: string
  pid: number
  /** Returns the server's standard error output so far. */
  log(): string
  /** Kills the server with SIGKILL and starts a new process with the same port and data. */
  crashAndRestart(): Promise<void>
  crash(): Promise<void>
  restart(): Promise<void>
  /** Sends SIGTERM. Returns the exit code. */
  stop(): Promise<number | null>
  /** Stops the server and deletes its data. */
  dispose(): Promise<void>
}

const ENTRY = new URL("../build/server/main.js", import.meta.url).pathname

type Started = { child: ChildProcess; link: string; log: () => string }

function launch(dataDir: string, port: number, env: Record<string, string>): Promise<Started> {
  const child = spawn(process.execPath, ["--enable-source-maps", ENTRY], {
    cwd: new URL("..", import.meta.url).pathname,
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      NODE_ENV: "production",
      NEXT_TELEMETRY_DISABLED: "1",
      TURNLINE_DATA_DIR: dataDir,
      PORT: String(port),
      ...env,
    },
    stdio: ["ignore", "pipe", "pipe"],
  })
  let log = ""
  child.stderr.on("data", (data) => {
    log = (log + data).slice(-200_000)
  })
  return new Promise((resolve, reject) => {
    createInterface({ input: child.stdout }).on("line", (line) => {
      const link = line.match(/https?:\/\/\S+\?token=\S+/)?.[0]
      if (link) resolve({ child, link, log: () => log })
    })
    child.once("exit", (code) => reject(new Error(`the server ended with ${code}: ${log}`)))
  })
}

const ended = (child: ChildProcess) =>
  new Promise<number | null>((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) resolve(child.exitCode)
    else child.once("exit", resolve)
  })

/** Starts the built product on a free port with an empty data directory. Resolves once it has printed its link. */
export async function startServer(env: Record<string, string> = {}): Promise<RunningServer> {
  const dataDir = mkdtempSync(join(tmpdir(), "turnline-e2e-"))
  let started = await launch(dataDir, 0, env)
  const url = new URL(started.link).origin
  const token = (name: string) => readFileSync(join(dataDir, name), "utf8").trim()
  const crash = async () => {
    started.child.kill("SIGKILL")
    await ended(started.child)
  }
  const restart = async () => {
    started = await launch(dataDir, Number(new URL(url).port), env)
  }
  const stop = async () => {
    started.child.kill("SIGTERM")
    return ended(started.child)
  }
  return {
    url,
    link: started.link,
    dataDir,
    agentToken: token("agent.token"),
    viewerToken: token("viewer.token"),
    get pid() {
      return started.child.pid ?? -1
    },
    log: () => started.log(),
    crash,
    restart,
    async crashAndRestart() {
      await crash()
      await restart()
    },
    stop,
    async dispose() {
      await stop()
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}
