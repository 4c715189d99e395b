import type { ClientBase } from "pg"
import { DatabaseNewerError } from "@/server/store/errors"
import { checkServer } from "./openErrors"
import { makePartitionsAhead } from "./partitions"
import { MIGRATIONS } from "./schema"

/** Advisory lock that lets only one node migrate or create partitions at a time. An arbitrary number. */
const MIGRATION_LOCK = 7_248_160_313

/**
 * Migrates the database to this program's schema, in one transaction under a lock, so that nodes that start together wait
 * for the first one. Migrations are additive, so nodes of the previous version keep working until they are restarted.
 *
 * @returns true if the database was empty.
 * @throws {DatabaseUnusableError} when the server doesn't support the schema.
 * @throws {DatabaseNewerError} when a later version of this program has migrated the database.
 */
export async function migrate(client: ClientBase): Promise<boolean> {
  await checkServer(client)
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

/** Creates partitions ahead of time; see `makePartitionsAhead`. */
export function extendPartitions(client: ClientBase): Promise<number> {
  return underLock(client, () => makePartitionsAhead(client))
}

async function underLock<T>(client: ClientBase, work: () => Promise<T>): Promise<T> {
  await client.query("BEGIN")
  try {
    // A migration may take longer than other statements.
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
