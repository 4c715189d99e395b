import type { Pool } from "pg"
import { asStoreError } from "@/server/store/postgres/postgresErrors"

/** Thrown when a node's settings differ from those of the running nodes. */
export class SettingsDifferError extends Error {
  override readonly name = "SettingsDifferError"
}

/** Advisory lock that lets only one node start at a time. An arbitrary number. */
const START_LOCK = 724_817
const ALIVE_NODES = "SELECT count(*)::integer AS count FROM nodes WHERE lease_until > now()"
const STORED = "SELECT name, value FROM settings WHERE name = ANY($1::text[])"
const STORE = `INSERT INTO settings (name, value) SELECT * FROM unnest($1::text[], $2::text[])
  ON CONFLICT (name) DO UPDATE SET value = excluded.value`
const ADD = "INSERT INTO settings (name, value) VALUES ($1, $2) ON CONFLICT DO NOTHING"

/**
 * Makes sure that all nodes use the same values for the settings that affect what is stored and when runs end. The first
 * node stores its values. While other nodes are running, a node with different values is refused.
 *
 * @throws {SettingsDifferError} with the settings that differ and both values of each.
 */
export async function agreeOnSettings(pool: Pool, settings: Readonly<Record<string, string>>): Promise<void> {
  await underStartLock(pool, async (query) => {
    const alive = (await query<{ count: number }>(ALIVE_NODES, []))[0]?.count ?? 0
    const stored = new Map(
      (await query<{ name: string; value: string }>(STORED, [Object.keys(settings)])).map((row) => [
        row.name,
        row.value,
      ]),
    )
    const different = Object.entries(settings).filter(
      ([name, value]) => (stored.get(name) ?? value) !== value,
    )
    if (alive > 0 && different.length > 0) {
      const list = different.map(([name, value]) => `${name} (${stored.get(name)} there, ${value} here)`)
      throw new SettingsDifferError(
        `The running nodes have different settings: ${list.join(", ")}. Use the same settings for this node, or stop all nodes first.`,
      )
    }
    await query(STORE, [Object.keys(settings), Object.values(settings)])
  })
}

/** Returns a secret that all nodes share. Stores the result of `create()` if there is none yet. */
export async function sharedSecret(pool: Pool, name: string, create: () => string): Promise<string> {
  return underStartLock(pool, async (query) => {
    await query(ADD, [name, create()])
    const [row] = await query<{ value: string }>(STORED, [[name]])
    return row?.value ?? ""
  })
}

type Query = <T extends object>(text: string, values: unknown[]) => Promise<T[]>

/**
 * Runs `work` while no other node can start.
 *
 * @throws {StoreUnavailableError} when the database is unavailable.
 */
export async function underStartLock<T>(pool: Pool, work: (query: Query) => Promise<T>): Promise<T> {
  const client = await pool.connect().catch(refuse)
  const query: Query = async (text, values) => (await client.query(text, values).catch(refuse)).rows
  try {
    await query("BEGIN", [])
    await query("SELECT pg_advisory_xact_lock($1, hashtext(current_schema()))", [START_LOCK])
    const result = await work(query)
    await query("COMMIT", [])
    return result
  } catch (error) {
    await client.query("ROLLBACK").catch(() => {})
    throw error
  } finally {
    client.release()
  }
}

function refuse(error: unknown): never {
  throw asStoreError(error)
}
