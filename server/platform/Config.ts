import { isIP } from "node:net"
import { hostname } from "node:os"
import { resolve } from "node:path"
import { z } from "zod"
import { DEFAULT_LIMITS, type Limits } from "@/lib/protocol/limits"
import { DEFAULT_TROUBLE, type TroubleSettings } from "./TroubleSettings"

export type QuotaLimits = {
  /** Open connections per address. 0: no limit. */
  readonly connectionsPerAddress: number
  readonly connectionsPerToken: number
  /** Invalid tokens per minute and address, with bursts of up to four minutes' worth. 0: no limit. */
  readonly failuresPerMinute: number
  /** HTTP requests for runs per second and token, with bursts of four times as many. 0: no limit. */
  readonly readsPerSecond: number
}

const MIB = 1024 * 1024
const DEFAULT_DATA_DIR = ".turnline"

const whole = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d{1,15}$/, { error: "must be a whole number" })
    .transform(Number)
    .refine((value) => value >= min && value <= max, { error: `must be between ${min} and ${max}` })

const list = z.string().transform((text) =>
  text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== ""),
)

const origin = z
  .string()
  .refine((text) => readOrigin(text) !== undefined, {
    error: ({ input }) => whyNoOrigin(String(input)),
  })
  .transform((text) => readOrigin(text) ?? text)

const databaseUrl = z.string().regex(/^postgres(ql)?:\/\/./, {
  error: "must be an address like postgres://user:password@host:5432/database",
})

const environment = z.object({
  /** TCP port to listen on; 0 picks a free one. */
  PORT: whole(0, 65_535).default(3000),
  /** Address to listen on. */
  HOST: z.string().min(1).default("127.0.0.1"),
  /** Folder of the database and the first tokens; created with mode 0700. */
  TURNLINE_DATA_DIR: z.string().min(1).default(DEFAULT_DATA_DIR),
  /** The address that browsers use, if it isn't `http://HOST:PORT`: behind a proxy, for example. */
  TURNLINE_PUBLIC_URL: origin.optional(),
  /** Additional host names that requests may use, separated by commas. A name without a port allows any port. */
  TURNLINE_ALLOWED_HOSTS: list.default([]),
  /** Additional origins whose pages may connect, separated by commas. */
  TURNLINE_ALLOWED_ORIGINS: list.pipe(z.array(origin)).default([]),
  /** Origins whose pages may show Turnline's pages in a frame, separated by commas. */
  TURNLINE_FRAME_ANCESTORS: list.pipe(z.array(origin)).default([]),
  /** `token`, or `none`: anyone who can reach the port may do everything. Loopback addresses only. */
  TURNLINE_AUTH: z.enum(["token", "none"], { error: "must be token or none" }).default("token"),
  /** The grace period in milliseconds: how long a run may be without an owner before it ends as incomplete. */
  TURNLINE_GRACE_MS: whole(0, 86_400_000).default(DEFAULT_LIMITS.graceMs),
  TURNLINE_MAX_TURNS_PER_RUN: whole(1, 1_048_575).default(DEFAULT_LIMITS.maxTurnsPerRun),
  /** Maximum size of a stored turn, bytes. */
  TURNLINE_MAX_TURN_BYTES: whole(1024, 64 * MIB).default(DEFAULT_LIMITS.maxTurnBytes),
  /** Maximum size of a Socket.IO message, and therefore of a batch, bytes. */
  TURNLINE_MAX_MESSAGE_BYTES: whole(64 * 1024, 256 * MIB).default(DEFAULT_LIMITS.maxMessageBytes),
  /** Commands per second and connection, with bursts of four times as many. */
  TURNLINE_RATE_PER_SOCKET: whole(1, 1_000_000).default(DEFAULT_LIMITS.ratePerSocket),
  /** HTTP requests for runs per second and token, with bursts of four times as many. 0: no limit. */
  TURNLINE_READS_PER_TOKEN: whole(0, 1_000_000).default(100),
  /** A run with this many errors within the window is in trouble. 0 turns this off, as for the following thresholds. */
  TURNLINE_TROUBLE_ERRORS: whole(0, 1_000_000).default(DEFAULT_TROUBLE.errors),
  /** The window in which errors are counted, ms. */
  TURNLINE_TROUBLE_WINDOW_MS: whole(1_000, 86_400_000).default(DEFAULT_TROUBLE.windowMs),
  /** A run is in trouble if its connected agent sends nothing for this long while no tool is running, ms. */
  TURNLINE_TROUBLE_SILENT_MS: whole(0, 86_400_000).default(DEFAULT_TROUBLE.silentMs),
  /** A run is in trouble if a tool runs for longer than this, ms. */
  TURNLINE_TROUBLE_HANGING_MS: whole(0, 86_400_000).default(DEFAULT_TROUBLE.hangingMs),
  /** A run is in trouble if the same call, or cycle of up to six calls, occurs this many times in a row. */
  TURNLINE_TROUBLE_LOOPING: whole(0, 1_000_000)
    .refine((times) => times !== 1, { error: "must be 0, or at least 2" })
    .default(DEFAULT_TROUBLE.looping),
  /** A run is in trouble if it costs this many times the median of its agent's last 50 runs. */
  TURNLINE_TROUBLE_COSTLY_FACTOR: z
    .string()
    .regex(/^\d{1,6}(\.\d{1,6})?$/, { error: "must be a number" })
    .transform(Number)
    .default(DEFAULT_TROUBLE.costlyFactor),
  /** Days after which an ended run is deleted; 0 keeps all runs. */
  TURNLINE_RETENTION_DAYS: whole(0, 36_500).default(DEFAULT_LIMITS.retentionDays),
  /** `1`: visitors without a token see the runs of `demo/*` agents, and a fleet of simulated agents runs. */
  TURNLINE_DEMO: z.enum(["0", "1"], { error: "must be 0 or 1" }).default("0"),
  /** Hours after which an ended run of a `demo/*` agent is deleted. */
  TURNLINE_DEMO_RETENTION_HOURS: whole(1, 8_760).default(6),
  /** The size of the demo fleet; `none` if it runs on another machine. */
  TURNLINE_DEMO_FLEET: z
    .enum(["large", "small", "none"], { error: "must be large, small or none" })
    .default("large"),
  /** The number of trusted proxies, each appending to `X-Forwarded-For`. At least one with an https public URL. */
  TURNLINE_PROXY_HOPS: whole(0, 16).optional(),
  /** Open connections per address, except this machine's own; 0: no limit. */
  TURNLINE_MAX_CONNECTIONS_PER_ADDRESS: whole(0, 1_000_000).default(1_000),
  /** Open connections per token; 0: no limit. */
  TURNLINE_MAX_CONNECTIONS_PER_TOKEN: whole(0, 1_000_000).default(15_000),
  /** Invalid tokens per minute and address, except this machine's own; 0: no limit. */
  TURNLINE_FAILED_AUTH_PER_MINUTE: whole(0, 1_000_000).default(60),
  /** The maximum size of the audit log, MiB; 0 turns it off. */
  TURNLINE_AUDIT_MIB: z
    .union([z.literal("0").transform(Number), whole(20, 1_000_000)], { error: "must be 0, or at least 20" })
    .default(100),
  /** `on` redacts secrets of known forms and names before anything is stored, `strict` also strings that look random. */
  TURNLINE_REDACT: z.enum(["on", "off", "strict"], { error: "must be on, off or strict" }).default("on"),
  /** Cost estimates: `on` uses the built-in price list; `off`: none; the path of a file adds custom prices. */
  TURNLINE_PRICES: z.string().min(1).default("on"),
  /** How long a record in a foreign format waits for the records that complete it, ms. */
  TURNLINE_INGEST_HOLD_MS: whole(0, 60_000).default(1_000),
  /** How long a foreign run stays open after its outermost step ended, ms. */
  TURNLINE_INGEST_SETTLE_MS: whole(0, 3_600_000).default(6_000),
  /** The longest pause between model calls without a parent that still belong to the same run, ms. */
  TURNLINE_INGEST_GAP_MS: whole(0, 86_400_000).default(120_000),
  /** A foreign run without records for this long ends as incomplete, ms. */
  TURNLINE_INGEST_SILENCE_MS: whole(1_000, 86_400_000).default(600_000),
  /** The maximum size of a request in a foreign format as sent, bytes. */
  TURNLINE_INGEST_MAX_BYTES: whole(1024, 256 * MIB).default(20 * MIB),
  /** The maximum size of such a request when unpacked, bytes. */
  TURNLINE_INGEST_MAX_UNPACKED_BYTES: whole(1024, 512 * MIB).default(64 * MIB),
  /** The approximate maximum memory for the state of all foreign runs that haven't ended, bytes. */
  TURNLINE_INGEST_MAX_STATE_BYTES: whole(MIB, 4096 * MIB).default(256 * MIB),
  /** A second port that accepts only OTLP, such as 4318; 0: none. */
  TURNLINE_OTLP_PORT: whole(0, 65_535).default(0),
  /** `postgres://…`: stores everything in this database, which nodes may share. Default: SQLite in the data directory. */
  DATABASE_URL: databaseUrl.optional(),
  /** The address for the LISTEN connection, if `DATABASE_URL` goes through a pooler: the same database, reached directly. */
  TURNLINE_LISTEN_URL: databaseUrl.optional(),
  /** The maximum number of connections to the database. */
  TURNLINE_DATABASE_CONNECTIONS: whole(12, 200).default(20),
  /** How long a node may be silent before the others take over its runs, ms. */
  TURNLINE_LEASE_MS: whole(1_000, 600_000).default(15_000),
  /** The name of this node in logs and in the audit log. */
  TURNLINE_NODE_NAME: z
    .string()
    .regex(/^[\w.:-]{1,64}$/, { error: "must be 1-64 letters, digits or . _ : -" })
    .optional(),
  /** `1`: accept a database that may lose acknowledged commits in a crash (`synchronous_commit` below `on`). */
  TURNLINE_ALLOW_ASYNC_COMMIT: z.enum(["0", "1"], { error: "must be 0 or 1" }).default("0"),
  /** Transports of Socket.IO. With `DATABASE_URL` only `websocket`, unless the balancer has session affinity. */
  TURNLINE_TRANSPORTS: list
    .refine(
      (names) => names.length > 0 && names.every((name) => name === "websocket" || name === "polling"),
      {
        error: "must be websocket, or websocket,polling",
      },
    )
    .optional(),
  TURNLINE_LOG_LEVEL: z
    .enum(["trace", "debug", "info", "warn", "error", "fatal", "silent"], {
      error: "must be trace, debug, info, warn, error, fatal or silent",
    })
    .default("info"),
  /** `1`: development mode. Pages are compiled on demand and reload automatically. */
  TURNLINE_DEV: z.enum(["0", "1"], { error: "must be 0 or 1" }).default("0"),
})

/** The environment variables that the server reads. */
export const SETTING_NAMES: readonly string[] = Object.keys(environment.shape)

/** The server's settings, frozen. The environment isn't read anywhere else. */
export type Config = {
  readonly port: number
  readonly host: string
  /** Absolute path. */
  readonly dataDir: string
  /** An origin: scheme, host and port without a trailing slash. */
  readonly publicUrl?: string
  readonly allowedHosts: readonly string[]
  readonly allowedOrigins: readonly string[]
  readonly frameAncestors: readonly string[]
  readonly auth: "token" | "none"
  readonly limits: Limits
  /** When a run is in trouble. */
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
  return problem === undefined ? { config: asConfig(parsed.data, readDataDir(env)) } : { problem }
}

/** Reads only the data directory, for commands that don't share the server's other settings. */
export function readDataDir(env: Readonly<Record<string, string | undefined>>): string {
  return resolvePath(env.TURNLINE_DATA_DIR || DEFAULT_DATA_DIR, env)
}

/** Resolves a path against the folder that the command was started in: npm runs scripts in the package's folder. */
function resolvePath(path: string, env: Readonly<Record<string, string | undefined>>): string {
  return resolve(env.INIT_CWD || ".", path)
}

/** Reads only the settings of the audit log. An invalid value counts as the default. */
export function readAuditSettings(env: Readonly<Record<string, string | undefined>>): {
  dir: string
  bytes: number
} {
  const mib = environment.shape.TURNLINE_AUDIT_MIB.safeParse(env.TURNLINE_AUDIT_MIB || undefined)
  return { dir: readDataDir(env), bytes: (mib.success ? mib.data : 100) * MIB }
}

type Environment = z.output<typeof environment>

function findContradiction(env: Environment): string | undefined {
  if (env.TURNLINE_DEMO === "1" && env.TURNLINE_AUTH === "none")
    return "TURNLINE_DEMO=1 shows visitors without a token only demo runs, so TURNLINE_AUTH must be token, not none."
  if (isLoopback(env.HOST)) return undefined
  if (env.TURNLINE_AUTH === "none")
    return `TURNLINE_AUTH=none gives everyone access, so HOST must be a loopback address such as 127.0.0.1, not ${env.HOST}.`
  if (env.TURNLINE_PUBLIC_URL === undefined && env.TURNLINE_ALLOWED_HOSTS.length === 0)
    return `HOST=${env.HOST} is reachable from other machines, so set TURNLINE_PUBLIC_URL or TURNLINE_ALLOWED_HOSTS to the name that they use.`
  return undefined
}

function asConfig(env: Environment, dataDir: string): Config {
  return Object.freeze({
    port: env.PORT,
    host: env.HOST.replace(/^\[(.*)\]$/, "$1"),
    dataDir,
    ...(env.TURNLINE_DEMO === "1" && {
      demo: Object.freeze({
        retentionHours: env.TURNLINE_DEMO_RETENTION_HOURS,
        fleet: env.TURNLINE_DEMO_FLEET,
      }),
    }),
    proxyHops: env.TURNLINE_PROXY_HOPS ?? (env.TURNLINE_PUBLIC_URL?.startsWith("https:") ? 1 : 0),
    ...(env.TURNLINE_PUBLIC_URL !== undefined && { publicUrl: env.TURNLINE_PUBLIC_URL }),
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

/** Returns the transports. Without polling by default in a cluster: all its requests would have to reach the same node. */
function transportsOf(env: Environment): ("websocket" | "polling")[] {
  const wanted =
    env.TURNLINE_TRANSPORTS ?? (env.DATABASE_URL === undefined ? ["polling", "websocket"] : ["websocket"])
  return (["polling", "websocket"] as const).filter((name) => wanted.includes(name))
}

function whyNoOrigin(text: string): string {
  const { host, pathname } = URL.canParse(text) ? new URL(text) : { host: "", pathname: "/" }
  return host !== "" && pathname !== "/"
    ? `must be an address without a path such as ${pathname}: pages are served from the root of a host, so give this server its own host name, like https://turnline.${host}`
    : "must be an http:// or https:// address, like https://turnline.example.com"
}

function readOrigin(text: string): string | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url?.protocol !== "http:" && url?.protocol !== "https:") return undefined
  return url.pathname === "/" && url.search === "" && url.hash === "" && url.username === ""
    ? url.origin
    : undefined
}
