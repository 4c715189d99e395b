import type { Pool } from "pg"

/** Thrown when a node is started with other settings than the running nodes have. */
export class SettingsDifferError extends Error {
  override readonly name = "SettingsDifferError"
}

/** Advisory lock that serialises the start of nodes. An arbitrary number. */
const START_LOCK = 724_817
const ALIVE_NODES = "SELECT count(*)::integer AS count FROM nodes WHERE lease_until > now()"
const STORED = "SELECT name, value FROM settings WHERE name = ANY($1::text[])"
const STORE = `INSERT INTO settings (name, value) SELECT * FROM unnest($1::text[], $2::text[])
  ON CONFLICT (name) DO UPDATE SET value = excluded.value`
const ADD = "INSERT INTO settings (name, value) VALUES ($1, $2) ON CONFLICT DO NOTHING"

/**
 * Makes sure that all nodes run with the same values of the settings that decide what is stored and when runs end. The
 * first node stores its own; while other nodes are running, a node that differs is refused.
 *
 * @throws {SettingsDifferError} which names the settings that differ, and both values.
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
        `The running nodes have other settings: ${list.join(", ")}. Start this node with the same, or stop all nodes first.`,
      )
    }
    await query(STORE, [Object.keys(settings), Object.values(settings)])
  })
}

/** A secret that all nodes share: the stored one, or `create()` if there is none. */
export async function sharedSecret(pool: Pool, name: string, create: () => string): Promise<string> {
  return underStartLock(pool, async (query) => {
    await query(ADD, [name, create()])
    const [row] = await query<{ value: string }>(STORED, [[name]])
    return row?.value ?? ""
  })
}

type Query = <T extends object>(text: string, values: unknown[]) => Promise<T[]>

/** Runs `work` while no other node starts. */
export async function underStartLock<T>(pool: Pool, work: (query: Query) => Promise<T>): Promise<T> {
  const client = await pool.connect()
  try {
    await client.query("BEGIN")
    await client.query("SELECT pg_advisory_xact_lock($1, hashtext(current_schema()))", [START_LOCK])
    const query: Query = async (text, values) => (await client.query(text, values)).rows
    const result = await work(query)
    await client.query("COMMIT")
    return result
  } catch (error) {
    await client.query("ROLLBACK").catch(() => {})
    throw error
  } finally {
    client.release()
  }
}
