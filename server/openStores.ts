import { mkdirSync } from "node:fs"
import { join } from "node:path"
import type { Logger } from "pino"
import type { AccessStore } from "./access/AccessStore"
import { writeFirstTokens } from "./access/firstTokens"
import { MemoryAccessStore } from "./access/MemoryAccessStore"
import { SqliteAccessStore } from "./access/SqliteAccessStore"
import type { Clock } from "./clock"
import type { Config } from "./config"
import type { RunStore } from "./store/RunStore"
import { openSqliteRunStore } from "./store/SqliteRunStore"

export type Stores = { runs: RunStore; access: AccessStore; close(): Promise<void> }

/** The database of a data directory. */
export function databaseFile(dataDir: string): string {
  return join(dataDir, "turnline.db")
}

/** The stores given, or else those of the data directory, made with its first tokens when it is new. */
export async function openStores(
  options: { config: Config; store?: RunStore; accessStore?: AccessStore },
  clock: Clock,
  logger: Logger,
): Promise<Stores> {
  const { config, store, accessStore } = options
  if (store)
    return { runs: store, access: accessStore ?? new MemoryAccessStore(), close: () => store.close() }
  mkdirSync(config.dataDir, { recursive: true, mode: 0o700 })
  const runs = await openSqliteRunStore({ file: databaseFile(config.dataDir), logger })
  const access = accessStore ?? new SqliteAccessStore(runs)
  try {
    await writeFirstTokens(config.dataDir, access, clock, config.demo !== undefined)
  } catch (error) {
    await runs.close()
    throw error
  }
  return { runs, access, close: () => runs.close() }
}
