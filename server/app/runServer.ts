import { readFile } from "node:fs/promises"
import { relative } from "node:path"
import { fileURLToPath } from "node:url"
import type { Logger } from "pino"
import { DEMO_AGENTS } from "@/server/auth/demoVisitor"
import { agentTokenFile, demoTokenFile, viewerTokenFile } from "@/server/auth/writeFirstTokens"
import { SettingsDifferError } from "@/server/cluster/agreeOnSettings"
import { type Config, readConfig } from "@/server/platform/Config"
import { createLogger, redactError } from "@/server/platform/logger"
import { unknownSettings } from "@/server/platform/unknownSettings"
import { PriceFileError } from "@/server/prices/readCustomPrices"
import {
  DatabaseNewerError,
  DatabaseNotDurableError,
  DatabaseUnusableError,
  DataDirForeignError,
  DataDirInUseError,
} from "@/server/store/errors"
import { StoreUnavailableError } from "@/server/store/RunStore"
import { createApp } from "./createApp"
import { runDemoFleet } from "./demoFleet"

/** The client packages of this build, next to the bundle that contains this module. */
const PACKAGES_FOLDER = fileURLToPath(new URL("../packages", import.meta.url))
/** The process exits this long after a signal, even if something is still open. */
const EXIT_TIMEOUT_MS = 9_500

/**
 * Runs the server of this process: reads the settings from the environment, starts, prints the link to open, and exits
 * on SIGTERM or SIGINT. If it can't start, it prints a message and exits with 1.
 */
export async function runServer(): Promise<void> {
  // Only their owner may read the files of this process, such as the database.
  process.umask(0o077)
  // Next writes its messages to standard output, which is reserved for the link.
  console.log = console.error
  const read = readConfig(process.env)
  if ("problem" in read) return exitWith(read.problem)
  const { config } = read
  const logger = createLogger(config.logLevel)
  for (const { name, suggestion } of unknownSettings(process.env))
    logger.warn({ setting: name, suggestion }, "unknown setting")
  // In development, the packages may be older than the sources, so they aren't handed out.
  const app = createApp({ config, logger, ...(!config.dev && { packagesFolder: PACKAGES_FOLDER }) })
  let stopDemoFleet = async () => {}

  for (const event of ["uncaughtException", "unhandledRejection"] as const)
    process.on(event, (error) => {
      logger.fatal({ err: redactError(error) }, event)
      process.exit(1)
    })
  // The handlers are registered before anything slow starts, so that a signal during startup works, too.
  for (const signal of ["SIGTERM", "SIGINT"] as const)
    process.once(signal, () => {
      logger.info({ signal }, "closing")
      setTimeout(() => process.exit(0), EXIT_TIMEOUT_MS).unref()
      stopDemoFleet()
        .then(() => app.close())
        .finally(() => process.exit(0))
    })

  try {
    const { url, port } = await app.listen()
    await app.ready()
    stopDemoFleet = await startDemoFleet(config, port, logger)
    process.stdout.write(await greeting(config, url))
  } catch (error) {
    const message = explain(error, config)
    if (message === undefined) logger.fatal({ err: error }, "the server couldn't start")
    await app.close()
    exitWith(message ?? "Turnline couldn't start. The log line above says why.")
  }
}

/** Starts the demo fleet if it is enabled. It connects through the address that this server listens on. */
async function startDemoFleet(config: Config, port: number, logger: Logger): Promise<() => Promise<void>> {
  const size = config.demo?.fleet ?? "none"
  if (size === "none") return async () => {}
  const token = (await readFile(demoTokenFile(config.dataDir), "utf8")).trim()
  return runDemoFleet({ url: localUrl(config.host, port), token, size, logger })
}

function localUrl(host: string, port: number): string {
  const reachable = ["0.0.0.0", "::"].includes(host) ? "127.0.0.1" : host
  return `http://${reachable.includes(":") ? `[${reachable}]` : reachable}:${port}`
}

function explain(error: unknown, config: Config): string | undefined {
  const explained = [
    ...[DataDirInUseError, DataDirForeignError, DatabaseNewerError, DatabaseNotDurableError],
    ...[DatabaseUnusableError, SettingsDifferError, StoreUnavailableError, PriceFileError],
  ]
  if (error instanceof Error && explained.some((kind) => error instanceof kind)) return error.message
  const code = error instanceof Error && "code" in error ? error.code : undefined
  if (code === "EADDRINUSE")
    return `Port ${config.port} on ${config.host} is in use. Stop the program that uses it, or set PORT to another port.`
  if (code === "EADDRNOTAVAIL") return `HOST=${config.host} isn't an address of this machine.`
  if (code === "EACCES")
    return `Permission denied: this user may not use port ${config.port}, or may not write to ${config.dataDir}.`
  return undefined
}

/** Returns the text printed at start: the addresses and tokens that people and agents need to connect. */
async function greeting(config: Config, url: string): Promise<string> {
  const shortPath = (path: string) => {
    const short = relative(process.cwd(), path)
    return short.startsWith("..") ? path : short
  }
  if (config.auth === "none") return `Turnline is at ${url}/ and open to everyone (TURNLINE_AUTH=none).\n`
  const token = await readFile(viewerTokenFile(config.dataDir), "utf8").catch(() => "")
  const link = token === "" ? `${url}/` : `${url}/?token=${token.trim()}`
  const agents = `Agents connect to ${url} with the token in ${shortPath(agentTokenFile(config.dataDir))}\n`
  const demo = config.demo ? `Visitors without a token see the runs of ${DEMO_AGENTS} at ${url}/\n` : ""
  return `Turnline is at ${link}\n${agents}${demo}`
}

function exitWith(message: string): void {
  process.stderr.write(`${message}\n`)
  process.exit(1)
}
