import { createServer, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import type { Logger } from "pino"
import { CLOSED_AUDIT, type OpenAudit, openAudit } from "@/server/audit/openAudit"
import type { HttpServer } from "@/server/http/HttpServer"
import type { Pages } from "@/server/http/Pages"
import { withoutBasePath } from "@/server/http/requestUrl"
import { PACKAGES_PATH } from "@/server/http/routes/packageRoutes"
import { readStaticFiles, type StaticFiles } from "@/server/http/StaticFiles"
import { sendText } from "@/server/net/respond"
import { type Clock, systemClock } from "@/server/platform/Clock"
import { CloseStack } from "@/server/platform/CloseStack"
import type { Config } from "@/server/platform/Config"
import { createLogger } from "@/server/platform/logger"
import { within } from "@/server/platform/within"
import { checkEngine } from "@/server/sockets/checkEngine"
import type { AccessStore } from "@/server/store/AccessStore"
import type { RunStore } from "@/server/store/RunStore"
import { compose, type Tuning } from "./compose"
import { openPages } from "./openPages"
import { openStores } from "./openStores"
import { START_LIMIT_MS, startWithRetries } from "./startWithRetries"

/**
 * How long the transports, and after them the pages, may take to close. With the 4 s for commands in progress, closing
 * takes less than 10 s.
 */
const CLOSE_MS = 1_500
const MAX_CONNECTIONS = 20_000

export type AppOptions = Tuning & {
  config: Config
  clock?: Clock
  logger?: Logger
  /** Replaces the database in the data directory. Closed together with the app. */
  store?: RunStore
  /** The access store for `store`. Default: tokens in memory. */
  accessStore?: AccessStore
  /** Replaces the audit log in the data directory. Closed together with the app. */
  audit?: OpenAudit
  /** `true` (the default): the pages that Next has built; `false`: none. */
  pages?: boolean | Pages
  /** How long to keep trying to start while the database isn't available. */
  startLimitMs?: number
  /** The folder with the client packages to hand out. Default: none. */
  packagesFolder?: string
}

export type App = {
  /**
   * Opens the stores and listens.
   *
   * @throws {DataDirInUseError} another process uses the data directory.
   * @throws {DatabaseNewerError} a newer version wrote the database.
   */
  listen(): Promise<{ url: string; port: number }>
  /** Resolves when the pages are loaded; rejects if they can't be loaded. */
  ready(): Promise<void>
  /**
   * Stops accepting commands, finishes those in progress, and closes connections so that clients reconnect to the next
   * server. Doesn't mark runs as disconnected. Safe to call twice.
   */
  close(): Promise<void>
}

/** Creates a server. `main`, tests and benchmarks all use it. */
export function createApp(options: AppOptions): App {
  const { config, clock = systemClock, logger = createLogger(config.logLevel), pages = true } = options
  const closing = new AbortController()
  let stack = new CloseStack()
  let port = config.port
  let loading: Promise<Pages | undefined> = Promise.resolve(undefined)

  async function open(): Promise<{ url: string; port: number }> {
    checkEngine()
    // The stores are opened first because that locks the data directory. If it is already in use, the error names the
    // process that uses it.
    const stores = await openStores(options, clock, logger)
    stack.defer(() => stores.close())
    const audit = await openAuditOf(options, clock, logger)
    stack.defer(async () => {
      audit.record({ event: "server_stopped" })
      await audit.close()
    })
    stack.defer(() =>
      within(
        loading.then((loaded) => loaded?.close()),
        CLOSE_MS,
      ),
    )
    const transports = new CloseStack()
    stack.defer(() => transports.close())
    const services = await compose(
      {
        config,
        audit,
        stores,
        clock,
        logger,
        port: () => port,
        tuning: options,
        expectPages: pages !== false,
        packages: await readPackages(options.packagesFolder),
      },
      stack,
    )
    const { httpServer, socketServer, readiness } = services
    const server = createHttpServer(httpServer)
    port = await startListening(server, config)
    const otlpServer = await listenForOtlp(httpServer, config)
    const closed = Promise.all([server, otlpServer].map(onceClosed))
    transports.defer(async () => {
      socketServer.closeTransports()
      await within(closed, CLOSE_MS)
      socketServer.terminate()
      server.closeAllConnections()
      otlpServer?.closeAllConnections()
      logger.info("closed")
    })
    stack.defer(() => {
      for (const open of [server, otlpServer]) {
        open?.close()
        open?.closeIdleConnections()
      }
    })
    logger.info({ host: config.host, port }, "listening")
    audit.record({ event: "server_started" })
    loading = openPages(pages, config, port)
    const onLoaded = (loaded: Pages | undefined) => {
      if (loaded) httpServer.openPages(loaded)
      readiness.markPagesReady()
    }
    // Callers of `ready()` see the rejection; this handler only prevents an unhandled-rejection warning.
    loading.then(onLoaded, () => undefined)
    return { url: config.publicUrl ?? `http://${openableHost(config.host)}:${port}`, port }
  }

  function openNode(): Promise<{ url: string; port: number }> {
    const undo = async () => {
      const failed = stack
      stack = new CloseStack()
      await failed.close()
    }
    const limitMs = options.startLimitMs ?? START_LIMIT_MS
    return startWithRetries({ start: open, undo, logger, limitMs, signal: closing.signal })
  }

  return {
    listen: () => (config.database === undefined ? open() : openNode()),
    ready: async () => void (await loading),
    close: () => {
      closing.abort()
      return stack.close()
    },
  }
}

/**
 * Opens the audit log. An app with an injected store has no data directory, so it has no log unless one is injected.
 */
async function openAuditOf(
  { audit, store, config }: AppOptions,
  clock: Clock,
  logger: Logger,
): Promise<OpenAudit> {
  if (audit !== undefined || store !== undefined) return audit ?? CLOSED_AUDIT
  return openAudit({ dir: config.dataDir, clock, logger, retainedBytes: config.auditBytes })
}

async function readPackages(folder: string | undefined): Promise<StaticFiles> {
  if (folder === undefined) return { paths: [], serve: async () => false }
  return readStaticFiles(folder, PACKAGES_PATH, { caching: "checked" })
}

function createHttpServer(httpServer: Pick<HttpServer, "request" | "upgrade">): Server {
  const server = createServer({
    headersTimeout: 10_000,
    requestTimeout: 30_000,
    connectionsCheckingInterval: 2_000,
  })
  server.maxHeadersCount = 64
  server.maxConnections = MAX_CONNECTIONS
  server.on("request", (request, response) => void httpServer.request(request, response))
  server.on("upgrade", (request, socket, head) => httpServer.upgrade(request, socket, head))
  return server
}

/**
 * Opens the second port, if one is configured. It accepts only OTLP, so that senders can use their default port, 4318.
 */
async function listenForOtlp(httpServer: HttpServer, config: Config): Promise<Server | undefined> {
  if (config.otlpPort === 0) return undefined
  const server = createHttpServer({
    request: async (request, response) => {
      if (/^\/v1\/(traces|logs|metrics)$/.test(withoutBasePath(request.url ?? "", config.basePath)))
        return httpServer.request(request, response)
      sendText(response, 404, "This port accepts only OTLP: POST /v1/traces, /v1/logs or /v1/metrics.")
    },
    upgrade: (_request, socket) => socket.destroy(),
  })
  await startListening(server, { host: config.host, port: config.otlpPort })
  return server
}

async function onceClosed(server: Server | undefined): Promise<void> {
  if (server !== undefined) await new Promise((resolve) => server.once("close", resolve))
}

function startListening(server: Server, { port, host }: Pick<Config, "port" | "host">): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject)
    server.listen({ port, host, backlog: 1024 }, () => {
      server.off("error", reject)
      resolve((server.address() as AddressInfo).port)
    })
  })
}

/** Returns the host for a link. `0.0.0.0` and `::` stand for all addresses, so browsers can't open them. */
function openableHost(host: string): string {
  if (host === "0.0.0.0" || host === "::") return "localhost"
  return host.includes(":") ? `[${host}]` : host
}
