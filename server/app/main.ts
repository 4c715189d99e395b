import { readFile } from "node:fs/promises"
import { relative } from "node:path"
import type { Logger } from "pino"
import { DEMO_AGENTS } from "@/server/auth/demoVisitor"
import { agentTokenFile, demoTokenFile, viewerTokenFile } from "@/server/auth/writeFirstTokens"
import { type Config, readConfig } from "@/server/platform/Config"
import { createLogger, redactError } from "@/server/platform/logger"
import {
  DatabaseNewerError,
  DatabaseNotDurableError,
  DataDirForeignError,
  DataDirInUseError,
} from "@/server/store/errors"
import { createApp } from "./createApp"
import { runDemoFleet } from "./demoFleet"

/** Leaves this many ms after a signal, whatever is still open. */
const LAST_EXIT_MS = 9_500

/** Files of this process, the database among them, are its owner's alone. */
process.umask(0o077)
await main()

async function main(): Promise<void> {
  // Standard output is for the way in alone; Next tells there what it does.
  console.log = console.error
  const read = readConfig(process.env)
  if ("problem" in read) return leave(read.problem)
  const { config } = read
  const logger = createLogger(config.logLevel)
  const app = createApp({ config, logger })
  let stopDemoFleet = async () => {}

  for (const event of ["uncaughtException", "unhandledRejection"] as const)
    process.on(event, (error) => {
      logger.fatal({ err: redactError(error) }, event)
      process.exit(1)
    })
  // Before anything slow begins: a signal during it is obeyed too.
  for (const signal of ["SIGTERM", "SIGINT"] as const)
    process.once(signal, () => {
      logger.info({ signal }, "closing")
      setTimeout(() => process.exit(0), LAST_EXIT_MS).unref()
      stopDemoFleet()
        .then(() => app.close())
        .finally(() => process.exit(0))
    })

  try {
    const { url, port } = await app.listen()
    await app.ready()
    stopDemoFleet = await startFleet(config, port, logger)
    process.stdout.write(await welcome(config, url))
  } catch (error) {
    const sentence = explain(error, config)
    if (sentence === undefined) logger.fatal({ err: error }, "the server could not start")
    await app.close()
    leave(sentence ?? "Turnline could not start; the line above says where it failed.")
  }
}

/** The demo's own agents, where they are wanted; they come by the address that this server listens on. */
async function startFleet(config: Config, port: number, logger: Logger): Promise<() => Promise<void>> {
  const size = config.demo?.fleet ?? "none"
  if (size === "none") return async () => {}
  const token = (await readFile(demoTokenFile(config.dataDir), "utf8")).trim()
  const own = ["0.0.0.0", "::"].includes(config.host) ? "127.0.0.1" : config.host
  const host = own.includes(":") ? `[${own}]` : own
  return runDemoFleet({ url: `http://${host}:${port}`, token, size, logger })
}

function explain(error: unknown, config: Config): string | undefined {
  const told = [DataDirInUseError, DataDirForeignError, DatabaseNewerError, DatabaseNotDurableError]
  if (error instanceof Error && told.some((kind) => error instanceof kind)) return error.message
  const code = error instanceof Error && "code" in error ? error.code : undefined
  if (code === "EADDRINUSE")
    return `Port ${config.port} on ${config.host} is in use: stop what listens there, or set PORT to another one.`
  if (code === "EADDRNOTAVAIL") return `HOST=${config.host} is no address of this machine.`
  if (code === "EACCES")
    return `Access was denied: this user may not use port ${config.port}, or not write to ${config.dataDir}.`
  return undefined
}

/** The way in for a person, and what an agent needs. */
async function welcome(config: Config, url: string): Promise<string> {
  const here = (path: string) => {
    const short = relative(process.cwd(), path)
    return short.startsWith("..") ? path : short
  }
  if (config.auth === "none") return `Turnline is at ${url}/ and lets everybody in (TURNLINE_AUTH=none).\n`
  const token = await readFile(viewerTokenFile(config.dataDir), "utf8").catch(() => "")
  const link = token === "" ? `${url}/` : `${url}/?token=${token.trim()}`
  const agents = `Agents connect to ${url} with the token in ${here(agentTokenFile(config.dataDir))}\n`
  const open = config.demo ? `Whoever has no token sees the runs of ${DEMO_AGENTS} at ${url}/\n` : ""
  return `Turnline is at ${link}\n${agents}${open}`
}

function leave(sentence: string): void {
  process.stderr.write(`${sentence}\n`)
  process.exit(1)
}
