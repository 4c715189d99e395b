import { Client, type ClientConfig, Pool, type PoolConfig, types } from "pg"
import { DatabaseNotDurableError } from "@/server/store/errors"

/** A statement, prepared under its name; rows come as arrays. */
export type Statement = { name?: string; text: string; values?: readonly unknown[] }

export type DatabaseOptions = {
  /** `postgres://user:password@host:port/database` */
  url: string
  /** How the connections name themselves, for whoever looks at `pg_stat_activity`. */
  applicationName: string
}

const CONNECT_TIMEOUT_MS = 3_000
const READ_TIMEOUT_MS = 15_000
/** A lock that is held longer fails the statement; the writer then passes over its row. */
const LOCK_TIMEOUT_MS = 300
const WRITE_TIMEOUT_MS = 5_000
/** Well under half a lease: a node that is stopped in the middle of a round holds its agents' rows for no longer. */
export const IDLE_IN_TRANSACTION_MS = 4_000
/** Beyond what the server needs to give up by itself: the connection is dead. */
const SILENCE_MS = 3_000

const INT8 = 20
/** Counts and times are below 2^53. */
const parsers: PoolConfig["types"] = {
  getTypeParser: ((oid: number, format?: "text") =>
    oid === INT8 ? Number : types.getTypeParser(oid, format)) as typeof types.getTypeParser,
}

/** A connection for writing: what is sent without waiting goes over as one pipeline. */
export async function connectWriter({ url, applicationName }: DatabaseOptions): Promise<Client> {
  const client = new Client({
    ...shared(url, applicationName),
    pipeline: true,
    lock_timeout: LOCK_TIMEOUT_MS,
    statement_timeout: WRITE_TIMEOUT_MS,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
    query_timeout: WRITE_TIMEOUT_MS + SILENCE_MS,
  })
  // Whoever waits for an answer hears of it there; an idle connection's end is noticed at its next use.
  client.on("error", () => {})
  try {
    await client.connect()
    return client
  } catch (error) {
    await client.end().catch(() => {})
    throw error
  }
}

/** Connections for statements of their own, made as they are needed: reads, and small writes that no round waits for. */
export function createPool({ url, applicationName }: DatabaseOptions, max: number): Pool {
  const pool = new Pool({
    ...shared(url, applicationName),
    max,
    idleTimeoutMillis: 60_000,
    statement_timeout: READ_TIMEOUT_MS,
    query_timeout: READ_TIMEOUT_MS + SILENCE_MS,
  })
  // A connection that breaks while nobody uses it is replaced at the next use.
  pool.on("error", () => {})
  return pool
}

/**
 * Checks that a commit on this connection survives a crash of the database's machine.
 *
 * @throws {DatabaseNotDurableError} when it would not.
 */
export async function checkDurability(client: Client): Promise<void> {
  const { rows } = await client.query<{ commit: string; fsync: string }>(
    "SELECT current_setting('synchronous_commit') AS commit, current_setting('fsync') AS fsync",
  )
  const [settings] = rows
  const weak =
    settings?.fsync !== "on"
      ? `fsync is ${settings?.fsync}`
      : !["on", "remote_apply"].includes(settings.commit) && `synchronous_commit is ${settings.commit}`
  if (weak)
    throw new DatabaseNotDurableError(
      `PostgreSQL's ${weak}, so a turn could be acknowledged and then lost: set it to on, or set TURNLINE_ALLOW_ASYNC_COMMIT=1 to accept that.`,
    )
}

function shared(url: string, applicationName: string): ClientConfig & PoolConfig {
  return {
    connectionString: url,
    application_name: applicationName,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    ...(parsers && { types: parsers }),
  }
}
