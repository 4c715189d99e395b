import type { ClientBase } from "pg"
import { DatabaseNewerError } from "@/server/store/errors"
import { makePartitionsAhead } from "./partitions"
import { MIGRATIONS } from "./schema"

/** Keeps two nodes from migrating, or making partitions, at once. Any number that no other program's lock is likely to have. */
const MIGRATION_LOCK = 7_248_160_313

/**
 * Brings the database to this program's schema, in one transaction under a lock: nodes that start together wait for the first.
 * Migrations only add, so that nodes of the version before go on working until they are restarted.
 *
 * @returns whether the schema was made just now, in an empty database.
 * @throws {DatabaseNewerError} when a later version of this program has migrated the database.
 */
export async function migrate(client: ClientBase): Promise<boolean> {
  return underLock(client, async () => {
    await client.query("CREATE TABLE IF NOT EXISTS schema_version (version integer NOT NULL)")
    const { rows } = await client.query<{ version: number }>("SELECT version FROM schema_version")
    const version = rows[0]?.version ?? 0
    if (version > MIGRATIONS.length) throw new DatabaseNewerError(version, MIGRATIONS.length)
    for (const migration of MIGRATIONS.slice(version)) await client.query(migration)
    if (version === 0) await client.query("INSERT INTO schema_version VALUES ($1)", [MIGRATIONS.length])
    else if (version < MIGRATIONS.length)
      await client.query("UPDATE schema_version SET version = $1", [MIGRATIONS.length])
    await makePartitionsAhead(client)
    return version === 0
  })
}

/** Makes partitions ahead of time; see `makePartitionsAhead`. */
export function extendPartitions(client: ClientBase): Promise<number> {
  return underLock(client, () => makePartitionsAhead(client))
}

async function underLock<T>(client: ClientBase, work: () => Promise<T>): Promise<T> {
  await client.query("BEGIN")
  try {
    // Whoever migrates may take longer than a statement usually may.
    await client.query("SET LOCAL statement_timeout = 0")
    await client.query("SET LOCAL lock_timeout = 0")
    await client.query("SELECT pg_advisory_xact_lock($1)", [MIGRATION_LOCK])
    const result = await work()
    await client.query("COMMIT")
    return result
  } catch (error) {
    await client.query("ROLLBACK").catch(() => {})
    throw error
  }
}
