import { isIP } from "node:net"
import { hostname } from "node:os"
import { resolve } from "node:path"
import type { Limits } from "@/lib/protocol/limits"
import { DEFAULT_DATA_DIR, type Environment, environment, MIB } from "./environment"
import type { TroubleSettings } from "./TroubleSettings"

export type QuotaLimits = {
  /** Open connections per address. 0: no limit. */
  readonly connectionsPerAddress: number
  readonly connectionsPerToken: number
  /** Invalid tokens per minute and address, with bursts of up to four minutes' worth. 0: no limit. */
  readonly failuresPerMinute: number
  /** HTTP requests for runs per token per second, with bursts of four times as many. 0: no limit. */
  readonly readsPerSecond: number
}

/** The server's settings, frozen. The environment isn't read anywhere else. */
export type Config = {
  readonly port: number
  readonly host: string
  /** Absolute path. */
  readonly dataDir: string
  /** True if the data directory is `.turnline` in the folder in which the server was started. */
  readonly isDefaultDataDir: boolean
  /** The address that browsers use, if it isn't that of this server: an origin and the base path. */
  readonly publicUrl?: string
  /** The path under which browsers see the server, such as `/turnline`; empty at the root of a host. */
  readonly basePath: string
  readonly allowedHosts: readonly string[]
  readonly allowedOrigins: readonly string[]
  readonly frameAncestors: readonly string[]
  readonly auth: "token" | "none"
  readonly limits: Limits
  /** The thresholds above which a run is in trouble. */
  readonly trouble: TroubleSettings
  /** Set if visitors without a token may see demo runs. */
  readonly demo?: Demo
  /** The number of trusted proxies. With 0, the client's address is that of the connection. */
  readonly proxyHops: number
  /** Limits per address and per token. */
  readonly quotas: QuotaLimits
  /** The maximum size of the audit log, bytes; 0 turns it off. */
  readonly auditBytes: number
  /** Times and sizes for records in foreign formats. */
  readonly ingest: IngestConfig
  /** A second port that accepts only OTLP; 0: none. */
  readonly otlpPort: number
  /** Which secrets are redacted. */
  readonly redact: "on" | "off" | "strict"
  /** Set if the server stores everything in PostgreSQL. */
  readonly database?: DatabaseConfig
  /** Transports that Socket.IO accepts. */
  readonly transports: readonly ("websocket" | "polling")[]
  /** `on`, `off`, or the path of a file with custom prices. */
  readonly prices: string
  readonly logLevel: string
  readonly dev: boolean
}

type DatabaseConfig = {
  readonly url: string
  /** The address for the LISTEN connection. */
  readonly listenUrl: string
  readonly maxConnections: number
  readonly leaseMs: number
  readonly nodeName: string
  readonly allowAsyncCommit: boolean
}

type IngestConfig = {
  readonly holdMs: number
  readonly settleMs: number
  readonly gapMs: number
  readonly silenceMs: number
  readonly maxBytes: number
  readonly maxUnpackedBytes: number
  /** The maximum size of the state of all foreign runs that haven't ended, in UTF-16 code units of text. */
  readonly maxStateBytes: number
}

/** Settings of a demo environment. */
type Demo = { readonly retentionHours: number; readonly fleet: "large" | "small" | "none" }

/** Returns true if an address to listen on is only reachable from this machine. */
export function isLoopback(host: string): boolean {
  if (host === "localhost" || host === "::1" || host === "[::1]") return true
  return isIP(host) === 4 && host.startsWith("127.")
}

/** Reads the settings. `problem`: a message with the name of the invalid variable and its valid values. */
export function readConfig(
  env: Readonly<Record<string, string | undefined>>,
): { config: Config } | { problem: string } {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ""))
  const parsed = environment.safeParse(given)
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    return { problem: `${String(issue?.path[0])} ${issue?.message}.` }
  }
  const problem = findContradiction(parsed.data)
  if (problem !== undefined) return { problem }
  const dataDir = readDataDir(env)
  const isDefaultDataDir = dataDir === resolvePath(DEFAULT_DATA_DIR, env)
  return { config: asConfig(parsed.data, { dataDir, isDefaultDataDir }) }
}

/** Reads only the data directory, for commands that don't share the server's other settings. */
export function readDataDir(env: Readonly<Record<string, string | undefined>>): string {
  return resolvePath(env.TURNLINE_DATA_DIR || DEFAULT_DATA_DIR, env)
}

/**
 * Resolves a path against the folder in which the command was started. npm runs scripts in the package's folder
 * instead.
 */
function resolvePath(path: string, env: Readonly<Record<string, string | undefined>>): string {
  return resolve(env.INIT_CWD || ".", path)
}

/** Reads only the settings of the audit log. An invalid value falls back to the default. */
export function readAuditSettings(env: Readonly<Record<string, string | undefined>>): {
  dir: string
  bytes: number
} {
  const mib = environment.shape.TURNLINE_AUDIT_MIB.safeParse(env.TURNLINE_AUDIT_MIB || undefined)
  return { dir: readDataDir(env), bytes: (mib.success ? mib.data : 100) * MIB }
}

function findContradiction(env: Environment): string | undefined {
  if (env.TURNLINE_DEMO === "1" && env.TURNLINE_AUTH === "none")
    return "TURNLINE_DEMO=1 shows visitors without a token only demo runs, so TURNLINE_AUTH must be token, not none."
  if (env.TURNLINE_DEV === "1" && env.TURNLINE_PUBLIC_URL?.basePath)
    return `TURNLINE_PUBLIC_URL must have no path with TURNLINE_DEV=1, because Next's development server doesn't support it. Leave out ${env.TURNLINE_PUBLIC_URL.basePath}.`
  if (isLoopback(env.HOST)) return undefined
  if (env.TURNLINE_AUTH === "none")
    return `TURNLINE_AUTH=none gives everyone access, so HOST must be a loopback address such as 127.0.0.1, not ${env.HOST}.`
  if (env.TURNLINE_PUBLIC_URL === undefined && env.TURNLINE_ALLOWED_HOSTS.length === 0)
    return `HOST=${env.HOST} is reachable from other machines, so set TURNLINE_PUBLIC_URL or TURNLINE_ALLOWED_HOSTS to the name that they use.`
  return undefined
}

function asConfig(env: Environment, folder: Pick<Config, "dataDir" | "isDefaultDataDir">): Config {
  const publicUrl = env.TURNLINE_PUBLIC_URL
  return Object.freeze({
    port: env.PORT,
    host: env.HOST.replace(/^\[(.*)\]$/, "$1"),
    ...folder,
    ...(env.TURNLINE_DEMO === "1" && {
      demo: Object.freeze({
        retentionHours: env.TURNLINE_DEMO_RETENTION_HOURS,
        fleet: env.TURNLINE_DEMO_FLEET,
      }),
    }),
    proxyHops: env.TURNLINE_PROXY_HOPS ?? (publicUrl?.origin.startsWith("https:") ? 1 : 0),
    ...(publicUrl !== undefined && { publicUrl: publicUrl.origin + publicUrl.basePath }),
    basePath: publicUrl?.basePath ?? "",
    allowedHosts: Object.freeze([
      ...env.TURNLINE_ALLOWED_HOSTS.map((host) => host.toLowerCase()),
      // The demo fleet connects with this host name, which attackers can't control.
      ...(env.TURNLINE_DEMO === "1" ? ["127.0.0.1"] : []),
    ]),
    allowedOrigins: Object.freeze(env.TURNLINE_ALLOWED_ORIGINS),
    frameAncestors: Object.freeze(env.TURNLINE_FRAME_ANCESTORS),
    auth: env.TURNLINE_AUTH,
    limits: Object.freeze({
      graceMs: env.TURNLINE_GRACE_MS,
      maxTurnsPerRun: env.TURNLINE_MAX_TURNS_PER_RUN,
      maxTurnBytes: env.TURNLINE_MAX_TURN_BYTES,
      maxMessageBytes: env.TURNLINE_MAX_MESSAGE_BYTES,
      ratePerSocket: env.TURNLINE_RATE_PER_SOCKET,
      retentionDays: env.TURNLINE_RETENTION_DAYS,
    }),
    trouble: Object.freeze({
      errors: env.TURNLINE_TROUBLE_ERRORS,
      windowMs: env.TURNLINE_TROUBLE_WINDOW_MS,
      silentMs: env.TURNLINE_TROUBLE_SILENT_MS,
      hangingMs: env.TURNLINE_TROUBLE_HANGING_MS,
      looping: env.TURNLINE_TROUBLE_LOOPING,
      costlyFactor: env.TURNLINE_TROUBLE_COSTLY_FACTOR,
    }),
    quotas: Object.freeze({
      connectionsPerAddress: env.TURNLINE_MAX_CONNECTIONS_PER_ADDRESS,
      connectionsPerToken: env.TURNLINE_MAX_CONNECTIONS_PER_TOKEN,
      failuresPerMinute: env.TURNLINE_FAILED_AUTH_PER_MINUTE,
      readsPerSecond: env.TURNLINE_READS_PER_TOKEN,
    }),
    ingest: Object.freeze({
      holdMs: env.TURNLINE_INGEST_HOLD_MS,
      settleMs: env.TURNLINE_INGEST_SETTLE_MS,
      gapMs: env.TURNLINE_INGEST_GAP_MS,
      silenceMs: env.TURNLINE_INGEST_SILENCE_MS,
      maxBytes: env.TURNLINE_INGEST_MAX_BYTES,
      maxUnpackedBytes: env.TURNLINE_INGEST_MAX_UNPACKED_BYTES,
      maxStateBytes: env.TURNLINE_INGEST_MAX_STATE_BYTES,
    }),
    otlpPort: env.TURNLINE_OTLP_PORT,
    ...(env.DATABASE_URL !== undefined && { database: asDatabaseConfig(env, env.DATABASE_URL) }),
    transports: Object.freeze(transportsOf(env)),
    auditBytes: env.TURNLINE_AUDIT_MIB * MIB,
    redact: env.TURNLINE_REDACT,
    prices: env.TURNLINE_PRICES,
    logLevel: env.TURNLINE_LOG_LEVEL,
    dev: env.TURNLINE_DEV === "1",
  })
}

function asDatabaseConfig(env: Environment, url: string): DatabaseConfig {
  return Object.freeze({
    url,
    listenUrl: env.TURNLINE_LISTEN_URL ?? url,
    maxConnections: env.TURNLINE_DATABASE_CONNECTIONS,
    leaseMs: env.TURNLINE_LEASE_MS,
    nodeName: env.TURNLINE_NODE_NAME ?? `${hostname()}:${env.PORT}`,
    allowAsyncCommit: env.TURNLINE_ALLOW_ASYNC_COMMIT === "1",
  })
}

/**
 * Returns the transports. In a cluster, polling is off by default, because all requests of a polling client must reach
 * the same node.
 */
function transportsOf(env: Environment): ("websocket" | "polling")[] {
  const wanted =
    env.TURNLINE_TRANSPORTS ?? (env.DATABASE_URL === undefined ? ["polling", "websocket"] : ["websocket"])
  return (["polling", "websocket"] as const).filter((name) => wanted.includes(name))
}
