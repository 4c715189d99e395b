import type { Logger } from "pino"
import type { OpenAudit } from "@/server/audit/openAudit"
import { Access } from "@/server/auth/Access"
import { Quotas } from "@/server/auth/Quotas"
import type { Cluster } from "@/server/cluster/Cluster"
import { Fanout } from "@/server/fanout/Fanout"
import { HttpServer } from "@/server/http/HttpServer"
import { Readiness } from "@/server/http/Readiness"
import { importRoutes } from "@/server/http/routes/importRoutes"
import type { StaticFiles } from "@/server/http/StaticFiles"
import { createIngest } from "@/server/ingest/createIngest"
import { startDemoRetention } from "@/server/maintenance/startDemoRetention"
import { startRetention } from "@/server/maintenance/startRetention"
import type { LiveFigures } from "@/server/metrics/LiveFigures"
import { Metrics } from "@/server/metrics/Metrics"
import { ClientRateLimits } from "@/server/net/ClientRateLimits"
import { sessionCookieName } from "@/server/net/readCredentials"
import type { Clock } from "@/server/platform/Clock"
import type { CloseStack } from "@/server/platform/CloseStack"
import type { Config } from "@/server/platform/Config"
import { redactError } from "@/server/platform/logger"
import { within } from "@/server/platform/within"
import { createPriceList } from "@/server/prices/createPriceList"
import { broadcast } from "@/server/registry/broadcast"
import { LiveRuns } from "@/server/registry/live/LiveRuns"
import { RunQueries } from "@/server/registry/RunQueries"
import { RunRegistry } from "@/server/registry/RunRegistry"
import { createHandlers } from "@/server/sockets/createHandlers"
import { createIo } from "@/server/sockets/createIo"
import { createEngine } from "@/server/sockets/EngineConnection"
import { IngestLog } from "@/server/sockets/IngestLog"
import { SocketServer } from "@/server/sockets/SocketServer"
import type { Stores } from "./openStores"

/** How long commands in progress get to finish when the server closes. */
const DRAIN_MS = 4_000

/** Settings that only tests and benchmarks change. */
export type Tuning = { pingIntervalMs?: number; pingTimeoutMs?: number; maxQueuedBytes?: number }

type ComposeOptions = {
  config: Config
  stores: Stores
  audit: OpenAudit
  clock: Clock
  logger: Logger
  /** The port that the server listens on. */
  port: () => number
  tuning: Tuning
  expectPages: boolean
  /** The client packages to hand out. */
  packages: StaticFiles
}

/** The services that `createApp` uses directly. */
export type Services = {
  readonly httpServer: HttpServer
  readonly readiness: Readiness
  readonly socketServer: SocketServer
}

/**
 * Builds and opens the services in order. Each service's `close` is registered with `stack` as soon as the service is
 * built, so that the services close in reverse order: timers first, then commands in progress, then runs, then
 * transports.
 */
export async function compose(options: ComposeOptions, stack: CloseStack): Promise<Services> {
  const { config, stores, clock, logger, audit } = options
  const { limits } = config
  const { redactor } = stores

  const engine = createEngine({
    maxMessageBytes: limits.maxMessageBytes,
    transports: config.transports,
    ...options.tuning,
  })
  const io = createIo(engine)
  const live = new LiveRuns(clock, redactor, config.trouble)
  const cluster = stores.createCluster({ live })
  const queries = new RunQueries({ store: stores.runs, live, clock, remoteRuns: cluster.remoteRuns })
  const fanout = new Fanout({ queries, store: stores.runs, clock })
  stack.defer(() => fanout.close())

  // The cluster is closed after the last command and before the transports, to store the grace periods of this node's
  // runs.
  stack.defer(() => cluster.close())
  const metrics = new Metrics()
  stack.defer(() => metrics.close())
  stores.runs.timeCommits?.((seconds) => metrics.committed(seconds))

  const listener = broadcast(fanout, metrics.listener, cluster.listener)
  const registry = new RunRegistry({
    ...{ store: stores.runs, clock, limits, listener, live, redactor },
    prices: createPriceList(config.prices),
    remoteRuns: cluster.remoteRuns,
    createGracePeriods: cluster.createGracePeriods?.bind(cluster),
  })
  await registry.open()
  stack.defer(() => registry.close())

  const access = await openAccess(options, stack)
  const ingest = new IngestLog(clock, redactor)
  stack.defer(() => ingest.close())
  // All nodes must use the same cookie name, so it contains the port that browsers see.
  const cookieName = () => sessionCookieName(portOf(config.publicUrl) ?? options.port(), config.basePath)
  const rates = config.demo === undefined ? undefined : new ClientRateLimits(clock)
  const quotas = new Quotas(config.quotas, clock, (tokenId) => cluster.connectionsElsewhere(tokenId))
  const shared = { access, metrics, clock, logger, cookieName, rates, redactor, quotas, audit }

  const handlers = createHandlers({ registry, queries, fanout, ingest })
  const socketServer = new SocketServer({
    ...shared,
    ...{ engine, io, registry, fanout, handlers, ingest, limits },
    proxyHops: config.proxyHops,
    transports: config.transports,
    ...(options.tuning.maxQueuedBytes !== undefined && { maxQueuedBytes: options.tuning.maxQueuedBytes }),
  })
  stack.defer(() => within(socketServer.drain(), DRAIN_MS))
  const foreign = composeIngest(options, { registry, metrics, ingest })
  await cluster.open({
    fanout,
    onStoredChange: (run) => registry.onStoredChange(run),
    endSession: (sha256) => {
      access.dropSession(sha256)
      socketServer.dismissSession(sha256)
    },
    onGone: () => foreign.service.forget(),
    connectionsPerToken: () => quotas.connectionsPerToken(),
  })
  access.onTokensRead(() => socketServer.dismissEnded())
  metrics.observe(() => readFigures({ fanout, socketServer, stores, audit, cluster }))

  await foreign.service.open()
  stack.defer(() => foreign.service.close())

  const readiness = new Readiness({
    healthy: async () => cluster.problem() === undefined && (await stores.runs.healthy()),
    clock,
    pagesReady: !options.expectPages,
  })
  const httpServer = new HttpServer({
    ...shared,
    ...{ config, queries, readiness, sockets: socketServer, accessStore: stores.access },
    packages: options.packages,
    routes: [...foreign.routes, ...importRoutes({ registry, limits })],
    noteRefused: (key, note) => ingest.addLimited(key, note),
    onSignedOut: (session) => {
      socketServer.dismissSession(session)
      cluster.onSessionEnd(session)
    },
  })

  const days = limits.retentionDays
  stack.defer(startRetention({ registry, clock, days, logger, audit }))
  const hours = config.demo?.retentionHours
  if (hours !== undefined) stack.defer(startDemoRetention({ registry, queries, clock, hours, logger }))
  return { httpServer, readiness, socketServer }
}

/** Opens authentication. Tokens that another process creates or revokes are recorded in the audit log. */
async function openAccess(
  { config, stores, clock, audit }: ComposeOptions,
  stack: CloseStack,
): Promise<Access> {
  const access = new Access({
    auth: config.auth,
    demo: config.demo !== undefined,
    store: stores.access,
    clock,
    onTokenChanged: ({ token_id, name, revoked_at }) =>
      audit.record({
        event: revoked_at === undefined ? "token_created" : "token_revoked",
        how: "command",
        why: `${token_id} ${name}`,
      }),
  })
  await access.open()
  stack.defer(() => access.close())
  return access
}

/** Builds the service that ingests records in foreign formats. */
function composeIngest(
  { config, stores, clock, logger }: ComposeOptions,
  { registry, metrics, ingest }: { registry: RunRegistry; metrics: Metrics; ingest: IngestLog },
) {
  const { limits } = config
  return createIngest({
    store: stores.ingest,
    runs: stores.runs,
    registry,
    clock,
    redactor: stores.redactor,
    settings: config.ingest,
    maxTurnBytes: limits.maxTurnBytes,
    note: (note) => ingest.add(note),
    noteLimited: (key, note) => ingest.addLimited(`partly ${key}`, note),
    count: (dialect, what, count) => metrics.ingested(dialect, what, count),
    countDropped: (dialect, what, runs) => metrics.ingestDropped(dialect, what, runs),
    logError: (error) => logger.error({ err: redactError(error) }, "ingest failed"),
  })
}

type FigureSources = {
  fanout: Fanout
  socketServer: SocketServer
  stores: Stores
  audit: OpenAudit
  cluster: Cluster
}

/** Reads the current counts and sizes, for metrics. */
function readFigures({ fanout, socketServer, stores, audit, cluster }: FigureSources): LiveFigures {
  const { subscriptions: subscribers, watches } = fanout.stats()
  const store = stores.runs.figures?.() ?? { writes: 0, writeBytes: 0, unsearchable: 0 }
  const figures = { ...socketServer.figures(), subscribers, watches, store, audit: audit.figures }
  return { ...figures, cluster: cluster.figures() }
}

/** Returns a URL's port: the explicit one, or else the default of the URL's scheme. */
function portOf(url: string | undefined): number | undefined {
  if (url === undefined) return undefined
  const { port, protocol } = new URL(url)
  return port === "" ? (protocol === "https:" ? 443 : 80) : Number(port)
}
