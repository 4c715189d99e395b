import type { Duplex } from "node:stream"
import { Client, type ClientConfig, Pool, type PoolConfig, types } from "pg"
import { DatabaseNotDurableError, DatabaseUnusableError } from "@/server/store/errors"

/** Options of a connection to a database. */
export type DatabaseOptions = {
  /** `postgres://user:password@host:port/database` */
  url: string
  /** Shown in `pg_stat_activity`. */
  applicationName: string
  /** How long a transaction may be idle before the server ends it, in milliseconds: its node may have stopped. */
  idleInTransactionMs?: number
  /** Turns statement timeouts off, for work that may take long, such as a migration. */
  withoutTimeouts?: boolean
  /** Opens the stream of a connection, instead of a socket to the address. For tests. */
  openStream?: () => Duplex
}

const CONNECT_TIMEOUT_MS = 3_000
const READ_TIMEOUT_MS = 15_000
/** A statement that waits longer than this for a lock fails; the writer then skips the locked row. */
const LOCK_TIMEOUT_MS = 300
const WRITE_TIMEOUT_MS = 5_000
/** How long a node that is suspended during a round can hold its row locks. Well under half a lease. */
const IDLE_IN_TRANSACTION_MS = 4_000
/** If the server hasn't responded this long after its statement timeout, the connection is considered dead. */
const SILENCE_MS = 3_000

const INT8 = 20
/** `bigint` columns are read as numbers: they only hold counts and times, which are below 2^53. */
const parsers: PoolConfig["types"] = {
  getTypeParser: ((oid: number, format?: "text") =>
    oid === INT8 ? Number : types.getTypeParser(oid, format)) as typeof types.getTypeParser,
}

/** Opens a connection for writing. Statements sent without awaiting the previous ones are pipelined. */
export async function connectWriter(options: DatabaseOptions): Promise<Client> {
  const { idleInTransactionMs = IDLE_IN_TRANSACTION_MS, withoutTimeouts = false } = options
  const client = new Client({
    ...shared(options),
    pipeline: true,
    ...(!withoutTimeouts && { query_timeout: WRITE_TIMEOUT_MS + SILENCE_MS }),
  })
  // Nothing to do: pending queries reject anyway, and a connection that breaks while idle is replaced at its next use.
  client.on("error", () => {})
  try {
    await client.connect()
    // The role or the database may have its own timeouts, so timeouts that should be off are set to 0.
    const timeouts = withoutTimeouts
      ? { statement: 0, lock: 0, idleInTransaction: 0 }
      : { statement: WRITE_TIMEOUT_MS, lock: LOCK_TIMEOUT_MS, idleInTransaction: idleInTransactionMs }
    await client.query(setTimeouts(timeouts))
    return client
  } catch (error) {
    await client.end().catch(() => {})
    throw error
  }
}

/** Creates a pool for single statements: reads, and small writes outside rounds. */
export function createPool(options: DatabaseOptions, max: number): Pool {
  const pool = new Pool({
    ...shared(options),
    max,
    idleTimeoutMillis: 60_000,
    query_timeout: READ_TIMEOUT_MS + SILENCE_MS,
    // The pool awaits the returned promise, although its type doesn't say so.
    onConnect: (client) => client.query(setTimeouts({ statement: READ_TIMEOUT_MS })),
  })
  // The pool replaces a connection that breaks while idle. If a connection breaks while in use, its queries reject.
  pool.on("error", () => {})
  pool.on("connect", (client) => client.on("error", () => {}))
  return pool
}

/** Returns a statement that sets timeouts. PgBouncer refuses connections that set them in startup parameters. */
function setTimeouts(ms: { statement: number; lock?: number; idleInTransaction?: number }): string {
  const settings = [`SET statement_timeout = ${ms.statement}`]
  if (ms.lock !== undefined) settings.push(`SET lock_timeout = ${ms.lock}`)
  if (ms.idleInTransaction !== undefined)
    settings.push(`SET idle_in_transaction_session_timeout = ${ms.idleInTransaction}`)
  return settings.join("; ")
}

/**
 * Checks that a new connection gets its own session. A pooler in transaction mode lends the session of an idle
 * connection to the next one, with its prepared statements, timeouts and locks.
 *
 * @throws {DatabaseUnusableError} if the new connection shares the session of `client`.
 */
export async function checkSessions(client: Client, connect: () => Promise<Client>): Promise<void> {
  const sessionOf = async (each: Client) =>
    (await each.query<{ pid: number }>("SELECT pg_backend_pid() AS pid")).rows[0]?.pid
  const session = await sessionOf(client)
  const other = await connect()
  const isShared = await sessionOf(other)
    .then((pid) => pid === session)
    .finally(() => other.end().catch(() => {}))
  if (isShared)
    throw new DatabaseUnusableError(
      "The database URL points to a connection pooler in transaction mode, but Turnline needs a session for each connection. Set the pooler to session mode, or connect to PostgreSQL itself.",
    )
}

/**
 * Checks that a commit on this connection survives a crash of the database's machine.
 *
 * @throws {DatabaseNotDurableError} if the commit could be lost.
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

function shared({ url, applicationName, openStream }: DatabaseOptions): ClientConfig & PoolConfig {
  return {
    ...(openStream !== undefined && { stream: openStream }),
    connectionString: url,
    application_name: applicationName,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    ...(parsers && { types: parsers }),
  }
}
