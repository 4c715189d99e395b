import { isIP } from "node:net"
import { resolve } from "node:path"
import { z } from "zod"
import { DEFAULT_LIMITS, type Limits } from "@/lib/protocol/limits"

export type QuotaLimits = {
  /** Connections at once. 0: no bound. */
  readonly connectionsPerAddress: number
  readonly connectionsPerToken: number
  /** Wrong tokens a minute from one address; four times as many at once. 0: no bound. */
  readonly failuresPerMinute: number
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
    error: "must be an http:// or https:// address without a path, like https://turnline.example.com",
  })
  .transform((text) => readOrigin(text) ?? text)

const environment = z.object({
  /** TCP port to listen on; 0 takes a free one. */
  PORT: whole(0, 65_535).default(3000),
  /** Address to listen on. */
  HOST: z.string().min(1).default("127.0.0.1"),
  /** Folder of the database and of the first tokens; made with mode 0700. */
  TURNLINE_DATA_DIR: z.string().min(1).default(DEFAULT_DATA_DIR),
  /** The address that browsers use, when it is not `http://HOST:PORT` (behind a proxy, say). */
  TURNLINE_PUBLIC_URL: origin.optional(),
  /** Further host names that requests may name, separated by commas; a name without a port goes with any port. */
  TURNLINE_ALLOWED_HOSTS: list.default([]),
  /** Further origins whose pages may connect, separated by commas. */
  TURNLINE_ALLOWED_ORIGINS: list.pipe(z.array(origin)).default([]),
  /** `token`, or `none`: everybody who reaches the port may do everything; on a loopback address only. */
  TURNLINE_AUTH: z.enum(["token", "none"], { error: "must be token or none" }).default("token"),
  /** How long a run may be without an owner before it ends as incomplete, ms. */
  TURNLINE_GRACE_MS: whole(0, 86_400_000).default(DEFAULT_LIMITS.graceMs),
  TURNLINE_MAX_TURNS_PER_RUN: whole(1, 1_048_575).default(DEFAULT_LIMITS.maxTurnsPerRun),
  /** The largest turn as stored, bytes. */
  TURNLINE_MAX_TURN_BYTES: whole(1024, 64 * MIB).default(DEFAULT_LIMITS.maxTurnBytes),
  /** The largest Socket.IO message, and so batch, bytes. */
  TURNLINE_MAX_MESSAGE_BYTES: whole(64 * 1024, 256 * MIB).default(DEFAULT_LIMITS.maxMessageBytes),
  /** Commands per second and connection; four times as many in a burst. */
  TURNLINE_RATE_PER_SOCKET: whole(1, 1_000_000).default(DEFAULT_LIMITS.ratePerSocket),
  /** Days that an ended run is kept; 0 keeps all for ever. */
  TURNLINE_RETENTION_DAYS: whole(0, 36_500).default(DEFAULT_LIMITS.retentionDays),
  /** `1`: whoever has no token may look at the runs of `demo/*` agents, and a made-up fleet of them works. */
  TURNLINE_DEMO: z.enum(["0", "1"], { error: "must be 0 or 1" }).default("0"),
  /** Hours that an ended run of a `demo/*` agent is kept. */
  TURNLINE_DEMO_RETENTION_HOURS: whole(1, 8_760).default(6),
  /** How many agents work in a demo: `none` when the fleet runs elsewhere. */
  TURNLINE_DEMO_FLEET: z
    .enum(["large", "small", "none"], { error: "must be large, small or none" })
    .default("large"),
  /** Proxies in front, each of which adds to `X-Forwarded-For`; with an https public URL there is one at least. */
  TURNLINE_PROXY_HOPS: whole(0, 16).optional(),
  /** Connections that one address may have open at once, this machine's own excepted; 0: no bound. */
  TURNLINE_MAX_CONNECTIONS_PER_ADDRESS: whole(0, 1_000_000).default(1_000),
  /** Connections that one token may have open at once; 0: no bound. */
  TURNLINE_MAX_CONNECTIONS_PER_TOKEN: whole(0, 1_000_000).default(15_000),
  /** Wrong tokens a minute that one address may try, this machine's own excepted; 0: no bound. */
  TURNLINE_FAILED_AUTH_PER_MINUTE: whole(0, 1_000_000).default(60),
  /** How much of the audit log is kept, MiB; 0 keeps none. */
  TURNLINE_AUDIT_MIB: z
    .union([z.literal("0").transform(Number), whole(20, 1_000_000)], { error: "must be 0, or 20 and more" })
    .default(100),
  /** `off` keeps what agents send as it is; `on` takes secrets of known forms and names out before anything is stored, `strict` also what looks drawn at random. */
  TURNLINE_REDACT: z.enum(["on", "off", "strict"], { error: "must be on, off or strict" }).default("on"),
  /** How long a record in a foreign format waits for what completes it, ms. */
  TURNLINE_INGEST_HOLD_MS: whole(0, 60_000).default(1_000),
  /** How long a foreign run stays open after its outermost step ended, ms. */
  TURNLINE_INGEST_SETTLE_MS: whole(0, 3_600_000).default(6_000),
  /** The longest pause between model calls without a parent that belong to one run, ms. */
  TURNLINE_INGEST_GAP_MS: whole(0, 86_400_000).default(120_000),
  /** A foreign run without records for this long ends as incomplete, ms. */
  TURNLINE_INGEST_SILENCE_MS: whole(1_000, 86_400_000).default(600_000),
  /** The largest request in a foreign format, bytes as sent. */
  TURNLINE_INGEST_MAX_BYTES: whole(1024, 256 * MIB).default(20 * MIB),
  /** The same unpacked. */
  TURNLINE_INGEST_MAX_UNPACKED_BYTES: whole(1024, 512 * MIB).default(64 * MIB),
  /** A second port for OTLP alone, such as 4318; 0: none. */
  TURNLINE_OTLP_PORT: whole(0, 65_535).default(0),
  TURNLINE_LOG_LEVEL: z
    .enum(["trace", "debug", "info", "warn", "error", "fatal", "silent"], {
      error: "must be trace, debug, info, warn, error, fatal or silent",
    })
    .default("info"),
  /** `1`: pages are compiled as they are asked for, and reload by themselves. */
  TURNLINE_DEV: z.enum(["0", "1"], { error: "must be 0 or 1" }).default("0"),
})

/** What a server runs with; frozen, and read from the environment nowhere else. */
export type Config = {
  readonly port: number
  readonly host: string
  /** Absolute path. */
  readonly dataDir: string
  /** An origin: scheme, host and port without a slash at the end. */
  readonly publicUrl?: string
  readonly allowedHosts: readonly string[]
  readonly allowedOrigins: readonly string[]
  readonly auth: "token" | "none"
  readonly limits: Limits
  /** Set where whoever has no token may look at demo runs. */
  readonly demo?: Demo
  /** How many proxies stand in front; 0 takes a connection's own address for its client's. */
  readonly proxyHops: number
  /** What one address and one token may take. */
  readonly quotas: QuotaLimits
  /** Bytes of the audit log that are kept; 0 keeps none. */
  readonly auditBytes: number
  /** Times and sizes for records in foreign formats. */
  readonly ingest: IngestConfig
  /** A second port that takes OTLP alone; 0: none. */
  readonly otlpPort: number
  /** Which secrets are taken out of what agents send. */
  readonly redact: "on" | "off" | "strict"
  readonly logLevel: string
  readonly dev: boolean
}

export type IngestConfig = {
  readonly holdMs: number
  readonly settleMs: number
  readonly gapMs: number
  readonly silenceMs: number
  readonly maxBytes: number
  readonly maxUnpackedBytes: number
}

/** How a demo environment is run. */
export type Demo = { readonly retentionHours: number; readonly fleet: "large" | "small" | "none" }

/** Whether an address to listen on is reached from this machine alone. */
export function isLoopback(host: string): boolean {
  if (host === "localhost" || host === "::1" || host === "[::1]") return true
  return isIP(host) === 4 && host.startsWith("127.")
}

/** Reads the settings; on trouble one sentence that names the variable and what it must be. */
export function readConfig(
  env: Readonly<Record<string, string | undefined>>,
): { config: Config } | { problem: string } {
  for (const name of ["DATABASE_URL", "REDIS_URL"])
    if (env[name]) return { problem: `${name} is set, but is not supported yet: unset it.` }
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ""))
  const parsed = environment.safeParse(given)
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    return { problem: `${String(issue?.path[0])} ${issue?.message}.` }
  }
  const problem = findContradiction(parsed.data)
  return problem === undefined ? { config: asConfig(parsed.data) } : { problem }
}

/** The data directory alone, for what works beside a server whose other settings it need not share. */
export function readDataDir(env: Readonly<Record<string, string | undefined>>): string {
  return resolve(env.TURNLINE_DATA_DIR || DEFAULT_DATA_DIR)
}

/** Where the audit log is and how much of it is kept, for the same; what a server would refuse counts as the default. */
export function readAuditPlace(env: Readonly<Record<string, string | undefined>>): {
  dir: string
  bytes: number
} {
  const mib = environment.shape.TURNLINE_AUDIT_MIB.safeParse(env.TURNLINE_AUDIT_MIB || undefined)
  return { dir: readDataDir(env), bytes: (mib.success ? mib.data : 100) * MIB }
}

type Environment = z.output<typeof environment>

function findContradiction(env: Environment): string | undefined {
  if (env.TURNLINE_DEMO === "1" && env.TURNLINE_AUTH === "none")
    return "TURNLINE_DEMO=1 shows demo runs alone to whoever has no token, so TURNLINE_AUTH must be token, not none."
  if (isLoopback(env.HOST)) return undefined
  if (env.TURNLINE_AUTH === "none")
    return `TURNLINE_AUTH=none lets everybody in, so HOST must be a loopback address such as 127.0.0.1, not ${env.HOST}.`
  if (env.TURNLINE_PUBLIC_URL === undefined && env.TURNLINE_ALLOWED_HOSTS.length === 0)
    return `HOST=${env.HOST} is reachable from other machines, so set TURNLINE_PUBLIC_URL or TURNLINE_ALLOWED_HOSTS to the name that they use.`
  return undefined
}

function asConfig(env: Environment): Config {
  return Object.freeze({
    port: env.PORT,
    host: env.HOST.replace(/^\[(.*)\]$/, "$1"),
    dataDir: resolve(env.TURNLINE_DATA_DIR),
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
      // By this name the demo's own fleet comes; it can't be made to point elsewhere.
      ...(env.TURNLINE_DEMO === "1" ? ["127.0.0.1"] : []),
    ]),
    allowedOrigins: Object.freeze(env.TURNLINE_ALLOWED_ORIGINS),
    auth: env.TURNLINE_AUTH,
    limits: Object.freeze({
      graceMs: env.TURNLINE_GRACE_MS,
      maxTurnsPerRun: env.TURNLINE_MAX_TURNS_PER_RUN,
      maxTurnBytes: env.TURNLINE_MAX_TURN_BYTES,
      maxMessageBytes: env.TURNLINE_MAX_MESSAGE_BYTES,
      ratePerSocket: env.TURNLINE_RATE_PER_SOCKET,
      retentionDays: env.TURNLINE_RETENTION_DAYS,
    }),
    quotas: Object.freeze({
      connectionsPerAddress: env.TURNLINE_MAX_CONNECTIONS_PER_ADDRESS,
      connectionsPerToken: env.TURNLINE_MAX_CONNECTIONS_PER_TOKEN,
      failuresPerMinute: env.TURNLINE_FAILED_AUTH_PER_MINUTE,
    }),
    ingest: Object.freeze({
      holdMs: env.TURNLINE_INGEST_HOLD_MS,
      settleMs: env.TURNLINE_INGEST_SETTLE_MS,
      gapMs: env.TURNLINE_INGEST_GAP_MS,
      silenceMs: env.TURNLINE_INGEST_SILENCE_MS,
      maxBytes: env.TURNLINE_INGEST_MAX_BYTES,
      maxUnpackedBytes: env.TURNLINE_INGEST_MAX_UNPACKED_BYTES,
    }),
    otlpPort: env.TURNLINE_OTLP_PORT,
    auditBytes: env.TURNLINE_AUDIT_MIB * MIB,
    redact: env.TURNLINE_REDACT,
    logLevel: env.TURNLINE_LOG_LEVEL,
    dev: env.TURNLINE_DEV === "1",
  })
}

function readOrigin(text: string): string | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url?.protocol !== "http:" && url?.protocol !== "https:") return undefined
  return url.pathname === "/" && url.search === "" && url.hash === "" && url.username === ""
    ? url.origin
    : undefined
}
