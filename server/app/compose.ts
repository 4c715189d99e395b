import type { Logger } from "pino"
import type { OpenAudit } from "@/server/audit/openAudit"
import { Access } from "@/server/auth/Access"
import { Quotas } from "@/server/auth/Quotas"
import { Fanout } from "@/server/fanout/Fanout"
import { HttpServer } from "@/server/http/HttpServer"
import { Readiness } from "@/server/http/Readiness"
import { createIngest } from "@/server/ingest/createIngest"
import { startDemoRetention } from "@/server/maintenance/startDemoRetention"
import { startRetention } from "@/server/maintenance/startRetention"
import { Metrics } from "@/server/metrics/Metrics"
import { ClientRateLimits } from "@/server/net/ClientRateLimits"
import { sessionCookieName } from "@/server/net/readCredentials"
import type { Clock } from "@/server/platform/Clock"
import type { CloseStack } from "@/server/platform/CloseStack"
import type { Config } from "@/server/platform/Config"
import { redactError } from "@/server/platform/logger"
import { within } from "@/server/platform/within"
import { broadcast } from "@/server/registry/broadcast"
import { LiveRuns } from "@/server/registry/LiveRuns"
import { RunQueries } from "@/server/registry/RunQueries"
import { RunRegistry } from "@/server/registry/RunRegistry"
import { createHandlers } from "@/server/sockets/createHandlers"
import { createIo, createRoomEmitter } from "@/server/sockets/createIo"
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
}

/** The parts that `createApp` uses itself. */
export type Services = {
  readonly httpServer: HttpServer
  readonly readiness: Readiness
  readonly socketServer: SocketServer
}

/**
 * Builds the services in order and opens them. Each registers its own `close` with `stack` where it is built, so that
 * they close in reverse: timers first, then commands in progress, then runs, then transports.
 */
export async function compose(options: ComposeOptions, stack: CloseStack): Promise<Services> {
  const { config, stores, clock, logger, audit } = options
  const { limits } = config
  const { redactor } = stores

  const engine = createEngine({ maxMessageBytes: limits.maxMessageBytes, ...options.tuning })
  const io = createIo(engine)
  const live = new LiveRuns(clock, redactor)
  const reader = new RunQueries({ store: stores.runs, live, clock })
  const emitRoom = createRoomEmitter(io)
  const fanout = new Fanout({
    reader,
    store: stores.runs,
    emitRoom,
    clock,
    cutOff: (subscriber) => socketServer.cutOff(subscriber),
  })
  stack.defer(() => fanout.close())

  const metrics = new Metrics()
  stack.defer(() => metrics.close())
  stores.runs.timeCommits?.((seconds) => metrics.committed(seconds))

  const listener = broadcast(fanout, metrics.listener)
  const registry = new RunRegistry({ store: stores.runs, clock, limits, listener, live, redactor })
  await registry.open()
  stack.defer(() => registry.close())

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

  const ingest = new IngestLog(clock, redactor)
  stack.defer(() => ingest.close())
  const cookieName = () => sessionCookieName(options.port())
  const rates = config.demo === undefined ? undefined : new ClientRateLimits(clock)
  const quotas = new Quotas(config.quotas, clock)
  const shared = { access, metrics, clock, logger, cookieName, rates, redactor, quotas, audit }

  const handlers = createHandlers({ registry, reader, fanout, ingest })
  const socketServer: SocketServer = new SocketServer({
    ...shared,
    ...{ engine, io, registry, fanout, handlers, ingest, limits },
    proxyHops: config.proxyHops,
    ...(options.tuning.maxQueuedBytes !== undefined && { maxQueuedBytes: options.tuning.maxQueuedBytes }),
  })
  stack.defer(() => within(socketServer.drain(), DRAIN_MS))
  access.onTokensRead(() => socketServer.dismissEnded())
  metrics.observe(() => {
    const { subscriptions, watches } = fanout.stats()
    const subscribers = { room: subscriptions.room, pages: subscriptions.lagging }
    const store = stores.runs.figures?.() ?? { writes: 0, writeBytes: 0, unsearchable: 0 }
    return { ...socketServer.figures(), subscribers, watches, store, audit: audit.figures }
  })

  const foreign = createIngest({
    store: stores.ingest,
    runs: stores.runs,
    registry,
    clock,
    redactor,
    settings: config.ingest,
    // What the registry adds to a turn must fit as well.
    maxTurnBytes: limits.maxTurnBytes,
    note: (note) => ingest.add(note),
    count: (dialect, what, count) => metrics.ingested(dialect, what, count),
    logError: (error) => logger.error({ err: redactError(error) }, "ingest failed"),
  })
  await foreign.service.open()
  stack.defer(() => foreign.service.close())

  const readiness = new Readiness({
    healthy: () => stores.runs.healthy(),
    clock,
    pagesReady: !options.expectPages,
  })
  const httpServer = new HttpServer({
    ...shared,
    ...{ config, queries: reader, readiness, sockets: socketServer, accessStore: stores.access },
    routes: foreign.routes,
    onSignedOut: (session) => socketServer.dismissSession(session),
  })

  const days = limits.retentionDays
  stack.defer(startRetention({ registry, clock, days, logger, audit }))
  const hours = config.demo?.retentionHours
  if (hours !== undefined) stack.defer(startDemoRetention({ registry, reader, clock, hours, logger }))
  return { httpServer, readiness, socketServer }
}
