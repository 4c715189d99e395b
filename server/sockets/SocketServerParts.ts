import type { Server as Engine } from "engine.io"
import type { Logger } from "pino"
import type { Limits } from "@/lib/protocol/limits"
import type { Audit } from "@/server/audit/Audit"
import type { Access } from "@/server/auth/Access"
import type { Quotas } from "@/server/auth/Quotas"
import type { Fanout } from "@/server/fanout/Fanout"
import type { Metrics } from "@/server/metrics/Metrics"
import type { ClientRateLimits } from "@/server/net/ClientRateLimits"
import type { Clock } from "@/server/platform/Clock"
import type { Redactor } from "@/server/redact/Redactor"
import type { RunRegistry } from "@/server/registry/RunRegistry"
import type { Handlers } from "./createHandlers"
import type { Io } from "./createIo"
import type { IngestLog } from "./IngestLog"

/** The services that a Socket.IO server and its connections use. */
export type SocketServerParts = {
  engine: Engine
  io: Io
  access: Access
  registry: RunRegistry
  fanout: Fanout
  handlers: Handlers
  ingest: IngestLog
  metrics: Metrics
  clock: Clock
  logger: Logger
  limits: Limits
  cookieName: () => string
  /** Set if clients without a token are admitted: limits their connections per address. */
  rates?: ClientRateLimits | undefined
  proxyHops: number
  redactor: Redactor | undefined
  quotas: Quotas
  audit: Audit
  /** The accepted transports. */
  transports: readonly string[]
  maxQueuedBytes?: number
}
