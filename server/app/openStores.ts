import { randomBytes } from "node:crypto"
import { join } from "node:path"
import type { Logger } from "pino"
import { writeFirstTokens } from "@/server/auth/writeFirstTokens"
import { type CreateCluster, SINGLE_NODE } from "@/server/cluster/Cluster"
import { openClusterStores } from "@/server/cluster/openClusterStores"
import type { Clock } from "@/server/platform/Clock"
import type { Config } from "@/server/platform/Config"
import { Redactor } from "@/server/redact/Redactor"
import { readRedactKey } from "@/server/redact/readRedactKey"
import type { AccessStore } from "@/server/store/AccessStore"
import type { IngestStore } from "@/server/store/IngestStore"
import { makeOwnDataDir } from "@/server/store/makeOwnDataDir"
import { MemoryAccessStore } from "@/server/store/memory/MemoryAccessStore"
import { MemoryIngestStore } from "@/server/store/memory/MemoryIngestStore"
import type { RunStore } from "@/server/store/RunStore"
import { SqliteAccessStore } from "@/server/store/sqlite/access/SqliteAccessStore"
import { SqliteIngestStore } from "@/server/store/sqlite/ingest/SqliteIngestStore"
import { openSqliteRunStore } from "@/server/store/sqlite/SqliteRunStore"

export type Stores = {
  runs: RunStore
  access: AccessStore
  ingest: IngestStore
  /** Removes secrets before anything is stored; undefined if that is turned off. */
  redactor: Redactor | undefined
  createCluster: CreateCluster
  close(): Promise<void>
}

/** The database file of a data directory. */
export function databaseFile(dataDir: string): string {
  return join(dataDir, "turnline.db")
}

/** Returns the given stores, or opens the configured ones. A new data directory gets its first tokens. */
export async function openStores(
  options: { config: Config; store?: RunStore; accessStore?: AccessStore },
  clock: Clock,
  logger: Logger,
): Promise<Stores> {
  const { config, store, accessStore } = options
  const random = config.redact === "strict"
  const redactorOf = (key: () => Buffer) =>
    config.redact === "off" ? undefined : new Redactor(key(), { random })
  if (store) {
    const redactor = redactorOf(() => randomBytes(32))
    return {
      runs: store,
      access: accessStore ?? new MemoryAccessStore(),
      ingest: new MemoryIngestStore(),
      redactor,
      createCluster: () => SINGLE_NODE,
      close: () => store.close(),
    }
  }
  makeOwnDataDir(config.dataDir)
  if (config.database !== undefined) {
    const stores = await openClusterStores(config, config.database, { clock, logger })
    try {
      const key = config.redact === "off" ? undefined : await stores.redactKey()
      // One node creates the first tokens, in its own data directory. All nodes accept them.
      await stores.whileStarting(() =>
        writeFirstTokens(config.dataDir, stores.access, clock, config.demo !== undefined),
      )
      return { ...stores, redactor: key && redactorOf(() => key) }
    } catch (error) {
      await stores.close()
      throw error
    }
  }
  const runs = await openSqliteRunStore({ file: databaseFile(config.dataDir), logger })
  const access = accessStore ?? new SqliteAccessStore(runs)
  try {
    const redactor = redactorOf(() => readRedactKey(config.dataDir))
    await writeFirstTokens(config.dataDir, access, clock, config.demo !== undefined)
    const ingest = new SqliteIngestStore(runs)
    return { runs, access, ingest, redactor, createCluster: () => SINGLE_NODE, close: () => runs.close() }
  } catch (error) {
    await runs.close()
    throw error
  }
}
