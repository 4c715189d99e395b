import type { AccessStore } from "@/server/store/AccessStore"
import { connectWriter, createPool } from "./Connection"
import { migrate } from "./migrate"
import { asOpenError } from "./openErrors"
import { PostgresAccessStore } from "./PostgresAccessStore"

/**
 * Opens the tokens and sessions of a PostgreSQL database for a command, with or without running servers.
 *
 * @throws {DatabaseNewerError} when a later version of this program has migrated the database.
 * @throws as `openPostgresRunStore`.
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
