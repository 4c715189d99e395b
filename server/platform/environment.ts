import { z } from "zod"
import { DEFAULT_LIMITS } from "@/lib/protocol/limits"
import { readOrigin, readPublicUrl } from "./addresses"
import { DEFAULT_TROUBLE } from "./TroubleSettings"

export const MIB = 1024 * 1024
export const DEFAULT_DATA_DIR = ".turnline"

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
    error: "must be an http:// or https:// address, like https://turnline.example.com",
  })
  .transform((text) => readOrigin(text) ?? text)

const publicUrl = z.string().transform((text, context) => {
  const read = readPublicUrl(text)
  if (!("problem" in read)) return read
  context.addIssue({ code: "custom", message: read.problem })
  return z.NEVER
})

const databaseUrl = z.string().regex(/^postgres(ql)?:\/\/./, {
  error: "must be an address like postgres://user:password@host:5432/database",
})

/** The schema of the environment variables that the server reads. */
export const environment = z.object({
  /** TCP port to listen on; 0 picks a free one. */
  PORT: whole(0, 65_535).default(3000),
  /** Address to listen on. */
  HOST: z.string().min(1).default("127.0.0.1"),
  /** Folder of the database and the first tokens; created with mode 0700. */
  TURNLINE_DATA_DIR: z.string().min(1).default(DEFAULT_DATA_DIR),
  /**
   * The address that browsers use, if it isn't `http://HOST:PORT`: behind a proxy, for example. It may have a path, such
   * as `https://example.com/turnline`.
   */
  TURNLINE_PUBLIC_URL: publicUrl.optional(),
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
  /** Commands per connection per second, with bursts of four times as many. */
  TURNLINE_RATE_PER_SOCKET: whole(1, 1_000_000).default(DEFAULT_LIMITS.ratePerSocket),
  /** HTTP requests for runs per token per second, with bursts of four times as many. 0: no limit. */
  TURNLINE_READS_PER_TOKEN: whole(0, 1_000_000).default(100),
  /**
   * A run with this many errors within the window is in trouble. For this and the following thresholds, 0 turns the
   * check off.
   */
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
  /**
   * The number of trusted proxies, each of which appends to `X-Forwarded-For`. Default: 1 if the public URL uses https,
   * otherwise 0.
   */
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
  /**
   * `on` redacts secrets of known forms and names before anything is stored; `strict` also redacts strings that look
   * random.
   */
  TURNLINE_REDACT: z.enum(["on", "off", "strict"], { error: "must be on, off or strict" }).default("on"),
  /** Cost estimates: `on` uses the built-in price list; `off`: none; the path of a file adds custom prices. */
  TURNLINE_PRICES: z.string().min(1).default("on"),
  /** How long a record in a foreign format waits for the records that complete it, ms. */
  TURNLINE_INGEST_HOLD_MS: whole(0, 60_000).default(1_000),
  /** How long a foreign run stays open after its outermost step ended, ms. */
  TURNLINE_INGEST_SETTLE_MS: whole(0, 3_600_000).default(6_000),
  /** The longest pause between two model calls without a parent that are still added to the same run, ms. */
  TURNLINE_INGEST_GAP_MS: whole(0, 86_400_000).default(120_000),
  /** A foreign run ends as incomplete if there are no records for this long, ms. */
  TURNLINE_INGEST_SILENCE_MS: whole(1_000, 86_400_000).default(600_000),
  /** The maximum size of a request in a foreign format as sent, bytes. */
  TURNLINE_INGEST_MAX_BYTES: whole(1024, 256 * MIB).default(20 * MIB),
  /** The maximum size of a request in a foreign format when unpacked, bytes. */
  TURNLINE_INGEST_MAX_UNPACKED_BYTES: whole(1024, 512 * MIB).default(64 * MIB),
  /** The approximate maximum memory for the state of all foreign runs that haven't ended, bytes. */
  TURNLINE_INGEST_MAX_STATE_BYTES: whole(MIB, 4096 * MIB).default(256 * MIB),
  /** A second port that accepts only OTLP, such as 4318; 0: none. */
  TURNLINE_OTLP_PORT: whole(0, 65_535).default(0),
  /**
   * `postgres://…`: stores everything in this database, which nodes may share. Default: SQLite in the data directory.
   */
  DATABASE_URL: databaseUrl.optional(),
  /**
   * The address for the LISTEN connection, if `DATABASE_URL` goes through a pooler: the same database, reached
   * directly.
   */
  TURNLINE_LISTEN_URL: databaseUrl.optional(),
  /** The maximum number of connections to the database. */
  TURNLINE_DATABASE_CONNECTIONS: whole(12, 200).default(20),
  /** How long a node may be silent before the others take over its runs, ms. */
  TURNLINE_LEASE_MS: whole(1_000, 600_000).default(15_000),
  /** The name of this node in logs and in `pg_stat_activity`. */
  TURNLINE_NODE_NAME: z
    .string()
    .regex(/^[\w.:-]{1,64}$/, { error: "must be 1-64 letters, digits or . _ : -" })
    .optional(),
  /** `1`: accept a database that may lose acknowledged commits in a crash (`synchronous_commit` below `on`). */
  TURNLINE_ALLOW_ASYNC_COMMIT: z.enum(["0", "1"], { error: "must be 0 or 1" }).default("0"),
  /**
   * The transports of Socket.IO. With `DATABASE_URL`, allow only `websocket` unless the balancer has session affinity.
   */
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

export type Environment = z.output<typeof environment>
