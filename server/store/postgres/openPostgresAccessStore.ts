import type { AccessStore } from "@/server/store/AccessStore"
import { connectWriter, createPool } from "./Connection"
import { migrate } from "./migrate"
import { PostgresAccessStore } from "./PostgresAccessStore"
import { asStoreError } from "./postgresErrors"

/**
 * Opens the tokens and sessions of a PostgreSQL database without a server, or beside running ones.
 *
 * @throws {DatabaseNewerError} when a later version of this program has migrated the database.
 * @throws {StoreUnavailableError} when the database can't be reached.
 */
export async function openPostgresAccessStore(
  url: string,
): Promise<AccessStore & { close(): Promise<void> }> {
  const applicationName = "turnline command"
  try {
    const client = await connectWriter({ url, applicationName })
    await migrate(client).finally(() => client.end().catch(() => {}))
  } catch (error) {
    throw asStoreError(error)
  }
  const pool = createPool({ url, applicationName }, 1)
  return Object.assign(new PostgresAccessStore(pool), { close: () => pool.end() })
}
