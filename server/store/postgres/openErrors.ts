import { type ClientBase, DatabaseError } from "pg"
import {
  DatabaseNewerError,
  DatabaseNotDurableError,
  DatabaseNotReadyError,
  DatabaseUnusableError,
} from "@/server/store/errors"
import { asStoreError } from "./postgresErrors"

/** The oldest supported version of PostgreSQL. */
const OLDEST = 14
const SERVER = `SELECT current_setting('server_version_num')::integer / 10000 AS major, current_setting('server_version') AS version,
  current_setting('server_encoding') AS encoding`

/** The parts of a database's address, without the password. */
type Place = { server: string; database: string; role: string; setting: string }

/** The codes of errors that may not occur again at the next attempt. */
const TRANSIENT: ReadonlySet<unknown> = new Set(["57P03", "53300", "ETIMEDOUT", "EAI_AGAIN"])
/** The messages of the driver's time-outs, which have no code. */
const TIMED_OUT = /timeout expired|Connection terminated due to connection timeout/

const EXPLAINED = [DatabaseNewerError, DatabaseNotDurableError, DatabaseUnusableError]

/** Messages for errors from the server, by SQLSTATE. */
const REFUSALS: Record<string, (place: Place, message: string) => string> = {
  "28P01": ({ server, role, setting }) =>
    `PostgreSQL at ${server} refuses the password of role ${role}. Check ${setting}.`,
  "28000": ({ server, role }, message) => `PostgreSQL at ${server} rejects role ${role}: ${message}.`,
  "3D000": ({ server, database, role, setting }) =>
    `PostgreSQL at ${server} has no database ${database}. Create it (createdb ${database} --owner ${role}), or name another in ${setting}.`,
  "42501": ({ server, database, role }, message) =>
    `Role ${role} lacks a privilege in database ${database} at ${server}: ${message}. Make it the owner of the database, or of a schema in its search_path.`,
  "3F000": ({ database, role }) =>
    `Database ${database} has no schema that role ${role} can create tables in. Create one (CREATE SCHEMA ${role} AUTHORIZATION ${role}).`,
  "53300": ({ server }) =>
    `PostgreSQL at ${server} has no free connections. Raise max_connections, or lower TURNLINE_DATABASE_CONNECTIONS on every node.`,
  "57P03": ({ server }, message) => `PostgreSQL at ${server} isn't ready: ${message}.`,
  "25006": ({ server, setting }) =>
    `PostgreSQL at ${server} is read-only, like a standby. ${setting} must point to the primary.`,
}

/** Messages for failed connections, by Node's error code. */
const FAILURES: Record<string, (place: Place) => string> = {
  ENOTFOUND: ({ server, setting }) => `Unknown host ${server}. Check ${setting}.`,
  EAI_AGAIN: ({ server, setting }) =>
    `Can't look up ${server} right now. Check ${setting} and the DNS server.`,
  ECONNREFUSED: ({ server, setting }) =>
    `Nothing is listening at ${server}. Start PostgreSQL, or check ${setting}.`,
  EHOSTUNREACH: ({ server, setting }) => `${server} can't be reached. Check ${setting} and the network.`,
  ETIMEDOUT: ({ server, setting }) => `${server} doesn't respond. Check ${setting} and the firewall.`,
  ENOENT: ({ server, setting }) =>
    `The socket or a certificate file doesn't exist: ${server}. Check ${setting}.`,
}

/**
 * Converts an error from opening a database to an error whose message says what to do. The message never contains the
 * password. `setting`: the name of the setting with the database's address.
 */
export function asOpenError(error: unknown, url: string, setting = "DATABASE_URL"): Error {
  if (error instanceof Error && EXPLAINED.some((kind) => error instanceof kind)) return error
  const sentence = error instanceof Error ? explain(error, { ...placeOf(url), setting }) : undefined
  if (sentence === undefined) return asStoreError(error)
  return isTransient(error) ? new DatabaseNotReadyError(sentence) : new DatabaseUnusableError(sentence)
}

/**
 * Checks that a server supports the schema.
 *
 * @throws {DatabaseUnusableError} when the server is too old or can't store all texts.
 */
export async function checkServer(client: Pick<ClientBase, "query">): Promise<void> {
  const { rows } = await client.query<{ major: number; version: string; encoding: string }>(SERVER)
  const { major = 0, version = "", encoding = "" } = rows[0] ?? {}
  if (major < OLDEST)
    throw new DatabaseUnusableError(`This is PostgreSQL ${version}. Turnline needs ${OLDEST} or newer.`)
  if (encoding !== "UTF8")
    throw new DatabaseUnusableError(
      `The database's encoding is ${encoding}, which can't hold every text. Create it with ENCODING 'UTF8' TEMPLATE template0.`,
    )
}

function isTransient(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  return TIMED_OUT.test(error.message) || ("code" in error && TRANSIENT.has(error.code))
}

function explain(error: Error, place: Place): string | undefined {
  const code = "code" in error ? String(error.code) : ""
  if (error instanceof DatabaseError) return REFUSALS[code]?.(place, error.message)
  if (/does not support SSL/.test(error.message))
    return `PostgreSQL at ${place.server} doesn't speak TLS. Turn it on there, or set sslmode=disable in ${place.setting}.`
  if (/CERT|ERR_TLS|SELF_SIGNED|UNABLE_TO/.test(code))
    return `The certificate of PostgreSQL at ${place.server} isn't trusted: ${error.message}. Name its authority with sslrootcert=<file> in ${place.setting}.`
  if (TIMED_OUT.test(error.message)) return FAILURES.ETIMEDOUT?.(place)
  return FAILURES[code]?.(place)
}

function placeOf(url: string): Omit<Place, "setting"> {
  try {
    const { hostname, port, pathname, username } = new URL(url)
    const role = decodeURIComponent(username) || (process.env.PGUSER ?? process.env.USER ?? "")
    return {
      server: `${hostname || (process.env.PGHOST ?? "localhost")}:${port || (process.env.PGPORT ?? "5432")}`,
      database: decodeURIComponent(pathname.slice(1)) || role,
      role,
    }
  } catch {
    return { server: "an unreadable address", database: "", role: "" }
  }
}
