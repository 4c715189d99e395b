import type { Logger } from "pino"
import type { OpenAudit } from "@/server/audit/openAudit"
import { Access } from "@/server/auth/Access"
import { Quotas } from "@/server/auth/Quotas"
import { Fanout } from "@/server/fanout/Fanout"
import { HttpServer } from "@/server/http/HttpServer"
import type { Pages } from "@/server/http/Pages"
import { Readiness } from "@/server/http/Readiness"
import { startDemoRetention } from "@/server/maintenance/startDemoRetention"
import { startRetention } from "@/server/maintenance/startRetention"
import { Metrics } from "@/server/metrics/Metrics"
import { ClientRateLimits } from "@/server/net/ClientRateLimits"
import { sessionCookieName } from "@/server/net/readCredentials"
import type { Clock } from "@/server/platform/Clock"
import type { Config } from "@/server/platform/Config"
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

/** How tests differ from a server that people use. */
export type Tuning = { pingIntervalMs?: number; pingTimeoutMs?: number; maxQueuedBytes?: number }

const NOTHING_WAITS = { writes: 0, writeBytes: 0, unsearchable: 0 }

type ComposeOptions = {
  audit: OpenAudit
  config: Config
  stores: Stores
  clock: Clock
  logger: Logger
  /** The port that is really listened on. */
  port: () => number
  tuning: Tuning
  pagesWanted: boolean
}

export type Services = {
  readonly frontDoor: HttpServer
  readonly gateway: SocketServer
  /** Reads what the stores hold, so that commands may come. */
  open(): Promise<void>
  /** There are pages to show, or none are wanted. */
  pagesOpened(pages: Pages | undefined): void
  /** Stops what goes on by itself; commands under way still come to their end. */
  stopTimers(): void
  /** After the last command: no run is marked, nobody is sent anything more. */
  closeRuns(): Promise<void>
}

/** Makes the parts and joins them: stores ← registry ← sockets ← front door, and fanout beside. */
export function compose(parts: ComposeOptions): Services {
  const { config, stores, clock, logger, audit } = parts
  const { limits } = config
  const { redactor } = stores
  const cookieName = () => sessionCookieName(parts.port())
  const live = new LiveRuns(clock, redactor)
  const reader = new RunQueries({ store: stores.runs, live, clock })
  const engine = createEngine({ maxMessageBytes: limits.maxMessageBytes, ...parts.tuning })
  const io = createIo(engine)
  const fanout = new Fanout({
    reader,
    store: stores.runs,
    emitRoom: createRoomEmitter(io),
    clock,
    cutOff: (subscriber) => gateway.cutOff(subscriber),
  })
  const metrics: Metrics = new Metrics(() => {
    const { subscriptions, watches } = fanout.stats()
    const subscribers = { room: subscriptions.room, pages: subscriptions.lagging }
    const store = stores.runs.figures?.() ?? NOTHING_WAITS
    return { ...gateway.figures(), subscribers, watches, store, audit: audit.figures }
  })
  stores.runs.timeCommits?.((seconds) => metrics.committed(seconds))
  const listener = broadcast(fanout, metrics.listener)
  const registry = new RunRegistry({ store: stores.runs, clock, limits, listener, live, redactor })
  const access = new Access({
    auth: config.auth,
    demo: config.demo !== undefined,
    store: stores.access,
    clock,
    looked: () => gateway.dismissEnded(),
    changed: ({ token_id, name, revoked_at }) =>
      audit.note({
        event: revoked_at === undefined ? "token_created" : "token_revoked",
        how: "command",
        why: `${token_id} ${name}`,
      }),
  })
  const ingest = new IngestLog(clock, redactor)
  const handlers = createHandlers({ registry, reader, fanout, ingest })
  const rates = config.demo === undefined ? undefined : new ClientRateLimits(clock)
  const quotas = new Quotas(config.quotas, clock)
  const shared = { access, metrics, clock, logger, cookieName, rates, redactor, quotas, audit }
  const gateway: SocketServer = new SocketServer({
    ...shared,
    ...{ engine, io, registry, fanout, handlers, ingest, limits },
    proxyHops: config.proxyHops,
    ...(parts.tuning.maxQueuedBytes !== undefined && { maxQueuedBytes: parts.tuning.maxQueuedBytes }),
  })
  const healthy = () => stores.runs.healthy()
  const readiness = new Readiness({ healthy, clock, pagesReady: !parts.pagesWanted })
  const signedOut = (session: string) => gateway.dismissSession(session)
  const frontDoor = new HttpServer({
    ...shared,
    ...{ config, reader, readiness, signedOut, sockets: gateway, accessStore: stores.access },
  })
  let stopRetention = () => {}
  let stopDemo = () => {}

  return {
    frontDoor,
    gateway,
    async open() {
      await registry.open()
      await access.open()
      stopRetention = startRetention({ registry, clock, days: limits.retentionDays, logger, audit })
      const hours = config.demo?.retentionHours
      if (hours !== undefined) stopDemo = startDemoRetention({ registry, reader, clock, hours, logger })
    },
    pagesOpened(pages) {
      if (pages) frontDoor.openPages(pages)
      readiness.pagesAreReady()
    },
    stopTimers() {
      stopRetention()
      stopDemo()
      access.close()
      ingest.close()
      metrics.close()
    },
    async closeRuns() {
      await registry.close()
      fanout.close()
    },
  }
}
