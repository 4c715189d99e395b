import { createServer, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import type { Logger } from "pino"
import { CLOSED_AUDIT, type OpenAudit, openAudit } from "@/server/audit/openAudit"
import type { HttpServer } from "@/server/http/HttpServer"
import type { Pages } from "@/server/http/Pages"
import { type Clock, systemClock } from "@/server/platform/Clock"
import type { Config } from "@/server/platform/Config"
import { createLogger } from "@/server/platform/logger"
import { within } from "@/server/platform/within"
import { checkEngine } from "@/server/sockets/checkEngine"
import type { AccessStore } from "@/server/store/AccessStore"
import type { RunStore } from "@/server/store/RunStore"
import { compose, type Services, type Tuning } from "./compose"
import { openPages } from "./openPages"
import { openStores, type Stores } from "./openStores"

/** How long commands under way, and then transports, are given to end. Together well under ten seconds. */
const DRAIN_MS = 4_000
const GOODBYE_MS = 1_500
const MAX_CONNECTIONS = 20_000

export type AppOptions = Tuning & {
  config: Config
  clock?: Clock
  logger?: Logger
  /** Used in place of the database in the data directory, and closed with the app. */
  store?: RunStore
  /** Goes with `store`; without it tokens last as long as the app. */
  accessStore?: AccessStore
  /** Used in place of the log in the data directory, and closed with the app. */
  audit?: OpenAudit
  /** False leaves the web pages out; true, the default, has Next make them. */
  pages?: boolean | Pages
}

export type App = {
  /** Opens the stores and listens; rejects with `DataDirInUseError`, `DatabaseNewerError`, or the port's own error. */
  listen(): Promise<{ url: string; port: number }>
  /** Resolves once the pages are prepared; rejects when they can't be. */
  ready(): Promise<void>
  /** Takes no more, finishes what has begun, lets stock clients come back later. Marks no run. Safe to call twice. */
  close(): Promise<void>
}

/** Makes a server of its settings; tests, browser stories and benchmarks use it as `main` does. */
export function createApp(options: AppOptions): App {
  const app = new RunningApp(options)
  return { listen: () => app.listen(), ready: () => app.ready(), close: () => app.close() }
}

class RunningApp {
  readonly #options: AppOptions
  readonly #clock: Clock
  readonly #logger: Logger
  #stores: Stores | undefined
  #wired: Services | undefined
  #httpServer: Server | undefined
  #audit: OpenAudit | undefined
  #pages: Promise<Pages | undefined> = Promise.resolve(undefined)
  #port: number
  #closing: Promise<void> | undefined

  constructor(options: AppOptions) {
    this.#options = options
    this.#clock = options.clock ?? systemClock
    this.#logger = options.logger ?? createLogger(options.config.logLevel)
    this.#port = options.config.port
  }

  async listen(): Promise<{ url: string; port: number }> {
    checkEngine()
    const { config, pages = true } = this.#options
    this.#stores = await openStores(this.#options, this.#clock, this.#logger)
    this.#audit = await this.#openAudit()
    const wired = compose({
      config,
      audit: this.#audit,
      stores: this.#stores,
      clock: this.#clock,
      logger: this.#logger,
      port: () => this.#port,
      tuning: this.#options,
      pagesWanted: pages !== false,
    })
    this.#wired = wired
    await wired.open()
    this.#httpServer = createHttpServer(wired.frontDoor)
    this.#port = await startListening(this.#httpServer, config)
    this.#logger.info({ host: config.host, port: this.#port }, "listening")
    this.#audit.note({ event: "server_started" })
    this.#pages = openPages(pages, config, this.#port)
    // Whoever awaits `ready` hears of a failure; until then it is no unhandled one.
    this.#pages.then(wired.pagesOpened, () => undefined)
    return { url: config.publicUrl ?? `http://${bracketed(config.host)}:${this.#port}`, port: this.#port }
  }

  async ready(): Promise<void> {
    await this.#pages
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    const server = this.#httpServer
    const listened = server?.listening ?? false
    const gone = new Promise((resolve) => (listened ? server?.close(resolve) : resolve(undefined)))
    server?.closeIdleConnections()
    if (this.#wired) await this.#letGo(this.#wired, gone)
    server?.closeAllConnections()
    await within(
      this.#pages.then((pages) => pages?.close()),
      GOODBYE_MS,
    )
    await this.#stores?.close()
    this.#audit?.note({ event: "server_stopped" })
    await this.#audit?.close()
    if (listened) this.#logger.info("closed")
  }

  /** A store that is given goes with no directory, and so without a log unless that is given, too. */
  async #openAudit(): Promise<OpenAudit> {
    const { audit, store, config } = this.#options
    if (audit !== undefined || store !== undefined) return audit ?? CLOSED_AUDIT
    const [clock, logger] = [this.#clock, this.#logger]
    return openAudit({ dir: config.dataDir, clock, logger, keptBytes: config.auditBytes })
  }

  async #letGo(wired: Services, gone: Promise<unknown>): Promise<void> {
    wired.stopTimers()
    await within(wired.gateway.drain(), DRAIN_MS)
    await wired.closeRuns()
    wired.gateway.closeTransports()
    await within(gone, GOODBYE_MS)
    wired.gateway.terminate()
  }
}

function createHttpServer(frontDoor: HttpServer): Server {
  const server = createServer({
    headersTimeout: 10_000,
    requestTimeout: 30_000,
    connectionsCheckingInterval: 2_000,
  })
  server.maxHeadersCount = 64
  server.maxConnections = MAX_CONNECTIONS
  server.on("request", (request, response) => void frontDoor.request(request, response))
  server.on("upgrade", (request, socket, head) => frontDoor.upgrade(request, socket, head))
  return server
}

function startListening(server: Server, { port, host }: Config): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject)
    server.listen({ port, host, backlog: 1024 }, () => {
      server.off("error", reject)
      resolve((server.address() as AddressInfo).port)
    })
  })
}

function bracketed(host: string): string {
  return host.includes(":") ? `[${host}]` : host
}
