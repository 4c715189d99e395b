import type { AccessStore } from "@/server/store/AccessStore"
import { connectWriter, createPool } from "./Connection"
import { migrate } from "./migrate"
import { asOpenError } from "./openErrors"
import { PostgresAccessStore } from "./PostgresAccessStore"

/**
 * Opens the tokens and sessions in a PostgreSQL database, for a command. Servers may be running or not.
 *
 * @throws {DatabaseNewerError} when a later version of this program has migrated the database.
 * @throws {DatabaseUnusableError} when the database can't be reached or used for a known reason.
 * @throws {StoreUnavailableError} when the database can't be used for another reason.
 */
export async function openPostgresAccessStore(
  url: string,
): Promise<AccessStore & { close(): Promise<void> }> {
  const applicationName = "turnline command"
  try {
    const client = await connectWriter({ url, applicationName, withoutTimeouts: true })
    await migrate(client).finally(() => client.end().catch(() => {}))
  } catch (error) {
    throw asOpenError(error, url)
  }
  const pool = createPool({ url, applicationName }, 1)
  return Object.assign(new PostgresAccessStore(pool), { close: () => pool.end() })
}
