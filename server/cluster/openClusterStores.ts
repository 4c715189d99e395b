import { randomBytes } from "node:crypto"
import type { Logger } from "pino"
import type { Clock } from "@/server/platform/Clock"
import type { Config } from "@/server/platform/Config"
import type { AccessStore } from "@/server/store/AccessStore"
import type { IngestStore } from "@/server/store/IngestStore"
import { connectWriter, createPool, type DatabaseOptions } from "@/server/store/postgres/Connection"
import { asOpenError } from "@/server/store/postgres/openErrors"
import { PostgresAccessStore } from "@/server/store/postgres/PostgresAccessStore"
import { PostgresIngestStore } from "@/server/store/postgres/PostgresIngestStore"
import { openPostgresRunStore } from "@/server/store/postgres/PostgresRunStore"
import type { RunStore } from "@/server/store/RunStore"
import { agreeOnSettings, sharedSecret, underStartLock } from "./agreeOnSettings"
import type { CreateCluster } from "./Cluster"
import { NodeLease, roundMs } from "./NodeLease"
import { PostgresCluster } from "./PostgresCluster"

/** The number of connections for the lease, sweeps, notifications and live data. */
const CONTROL_CONNECTIONS = 4
/** The number of connections outside the pools: the writer, the listener, the indexer and the sweep of deleted runs. */
const SINGLE_CONNECTIONS = 4
const REDACT_KEY_BYTES = 32

export type ClusterStores = {
  runs: RunStore
  access: AccessStore
  ingest: IngestStore
  /** Returns the key for redaction markers, which all nodes share. */
  redactKey(): Promise<Buffer>
  createCluster: CreateCluster
  /** Runs `work` while no other node can start. */
  whileStarting<T>(work: () => Promise<T>): Promise<T>
  close(): Promise<void>
}

/** The streams that replace sockets to the database. For tests. */
type DatabaseStreams = Record<"database" | "listener", Pick<DatabaseOptions, "openStream">>

type DatabaseConfig = NonNullable<Config["database"]>

/**
 * Opens the stores of a node that shares a PostgreSQL database with others.
 *
 * @throws {SettingsDifferError} when the running nodes have different settings.
 * @throws the same errors as `openPostgresRunStore`.
 */
export async function openClusterStores(
  config: Config,
  database: DatabaseConfig,
  { clock, logger, streams }: { clock: Clock; logger: Logger; streams?: DatabaseStreams },
): Promise<ClusterStores> {
  const applicationName = `turnline ${database.nodeName}`
  const { url, leaseMs, nodeName } = database
  const runs = await openPostgresRunStore({
    url,
    applicationName,
    allowAsyncCommit: database.allowAsyncCommit,
    idleInTransactionMs: roundMs(leaseMs),
    readers: database.maxConnections - CONTROL_CONNECTIONS - SINGLE_CONNECTIONS,
    clock,
    ...streams?.database,
  })
  const controlPool = createPool(
    { url, applicationName: `${applicationName} control`, ...streams?.database },
    CONTROL_CONNECTIONS,
  )
  const close = async () => {
    await runs.close()
    await controlPool.end()
  }
  try {
    await agreeOnSettings(controlPool, sharedSettings(config, leaseMs))
  } catch (error) {
    await close()
    throw error
  }
  const { graceMs } = config.limits
  const lease = new NodeLease({ pool: controlPool, clock, logger, name: nodeName, leaseMs, graceMs })
  const access = new PostgresAccessStore(runs.pool)
  const connectListener = () =>
    connectWriter({
      url: database.listenUrl,
      applicationName: `${applicationName} listener`,
      ...streams?.listener,
    }).catch((error) => {
      throw asOpenError(error, database.listenUrl, "TURNLINE_LISTEN_URL")
    })
  return {
    runs,
    access,
    ingest: new PostgresIngestStore(runs.pool, () => lease.id),
    redactKey: async () => {
      const create = () => randomBytes(REDACT_KEY_BYTES).toString("hex")
      return Buffer.from(await sharedSecret(controlPool, "redact_key", create), "hex")
    },
    createCluster: ({ live }) =>
      new PostgresCluster({
        ...{
          store: runs,
          access,
          controlPool,
          connectListener,
          lease,
          live,
          clock,
          logger,
          leaseMs,
          graceMs,
        },
      }),
    whileStarting: (work) => underStartLock(controlPool, work),
    close,
  }
}

/** The settings that all nodes must have in common, by their names in the environment. */
function sharedSettings({ limits, redact }: Config, leaseMs: number): Record<string, string> {
  return {
    TURNLINE_GRACE_MS: String(limits.graceMs),
    TURNLINE_MAX_TURNS_PER_RUN: String(limits.maxTurnsPerRun),
    TURNLINE_MAX_TURN_BYTES: String(limits.maxTurnBytes),
    TURNLINE_MAX_MESSAGE_BYTES: String(limits.maxMessageBytes),
    TURNLINE_RETENTION_DAYS: String(limits.retentionDays),
    TURNLINE_REDACT: redact,
    TURNLINE_LEASE_MS: String(leaseMs),
  }
}
