import { randomUUID } from "node:crypto"
import type { Client, Pool } from "pg"
import type { Logger } from "pino"
import type { RunSummary } from "@/lib/protocol/run"
import type { ClusterFigures } from "@/server/metrics/LiveFigures"
import type { Clock } from "@/server/platform/Clock"
import type { GraceParts, GracePeriods } from "@/server/registry/GracePeriods"
import type { LiveRun } from "@/server/registry/live/LiveRun"
import type { LiveRuns } from "@/server/registry/live/LiveRuns"
import { liveFields } from "@/server/registry/live/RemoteRun"
import type { RegistryListener } from "@/server/registry/RegistryEvents"
import { summarizeRun } from "@/server/registry/summarizeRun"
import { DatabaseUnusableError } from "@/server/store/errors"
import type { PostgresAccessStore } from "@/server/store/postgres/PostgresAccessStore"
import type { PostgresRunStore } from "@/server/store/postgres/PostgresRunStore"
import { asStoreError } from "@/server/store/postgres/postgresErrors"
import type { RunRow } from "@/server/store/RunStore"
import type { Cluster, ClusterTargets } from "./Cluster"
import { ClusterGracePeriods } from "./ClusterGracePeriods"
import { LivePublisher } from "./LivePublisher"
import type { NodeLease } from "./NodeLease"
import { NotificationChannel } from "./NotificationChannel"
import type { ChangeNotification } from "./notifications"
import { RemoteChanges } from "./RemoteChanges"
import { RemoteReader } from "./RemoteReader"
import { SessionWatch } from "./SessionWatch"
import { Sweeper } from "./Sweeper"

export type PostgresClusterOptions = {
  store: PostgresRunStore
  access: PostgresAccessStore
  /** Connections for the lease, sweeps, notifications and live data, so that viewers' reads don't delay them. */
  controlPool: Pool
  /** Opens the connection for LISTEN, which must not go through a pooler. */
  connectListener(): Promise<Client>
  live: LiveRuns
  clock: Clock
  logger: Logger
  lease: NodeLease
  leaseMs: number
  graceMs: number
}

/** This server as one of the nodes that share a PostgreSQL database. */
export class PostgresCluster implements Cluster {
  readonly listener: RegistryListener
  readonly remoteRuns: RemoteChanges
  readonly #options: PostgresClusterOptions
  readonly #lease: NodeLease
  readonly #channel: NotificationChannel
  readonly #publisher: LivePublisher
  readonly #sweeper: Sweeper
  readonly #sessions: SessionWatch
  #grace: ClusterGracePeriods | undefined
  #targets: ClusterTargets | undefined
  #others: ReadonlySet<string> = new Set()

  constructor(options: PostgresClusterOptions) {
    const { store, access, controlPool: pool, connectListener, live, clock, logger } = options
    const { leaseMs, graceMs } = options
    this.#options = options
    this.#lease = options.lease
    this.#channel = new NotificationChannel({
      pool,
      connect: connectListener,
      clock,
      logger,
      sender: randomUUID(),
    })
    this.#publisher = new LivePublisher({
      pool,
      clock,
      logger,
      live,
      nodeId: () => this.#lease.registeredId,
      onPublished: (run_id) => this.#channel.onChange(run_id),
    })
    this.#sweeper = new Sweeper({ pool, store, clock, logger, leaseMs, graceMs })
    this.#sessions = new SessionWatch({ access, clock })
    const areNotificationsHealthy = () => this.#channel.isHealthy
    const reader = new RemoteReader(store.pool)
    this.remoteRuns = new RemoteChanges({ reader, live, clock, logger, areNotificationsHealthy })
    this.listener = this.#createListener()
  }

  createGracePeriods(parts: GraceParts): GracePeriods {
    this.#grace = new ClusterGracePeriods(parts, (run) => this.#release(run))
    return this.#grace
  }

  /**
   * Registers this node and starts listening and sweeping.
   *
   * @throws {StoreUnavailableError} when the database is unavailable.
   * @throws {DatabaseUnusableError} when listening isn't possible.
   */
  async open(targets: ClusterTargets): Promise<void> {
    try {
      await this.#open(targets)
    } catch (error) {
      throw error instanceof DatabaseUnusableError ? error : asStoreError(error)
    }
  }

  async #open(targets: ClusterTargets): Promise<void> {
    this.#targets = targets
    const { store } = this.#options
    await this.#lease.open({
      onLost: () => this.#disconnectWriters(),
      onGone: () => targets.onGone(),
      onNodes: (others) => this.#onNodes(others),
      connectionsPerToken: targets.connectionsPerToken,
    })
    store.joinCluster(this.#lease)
    this.remoteRuns.open(targets)
    await this.#channel.open({
      onNotification: (notification) => this.#onNotification(notification),
      onGap: () => this.remoteRuns.onGap(),
    })
    this.#channel.announce()
    this.#sessions.open((sha256) => targets.endSession(sha256))
    this.#sweeper.open({
      onChange: (run_ids) => this.#onSwept(run_ids),
      onEnd: (row) => this.#onSweptEnd(row),
      onDiscard: ({ run_id }) => {
        this.#channel.onDelete(run_id)
        this.remoteRuns.onDelete(run_id)
      },
    })
  }

  problem(): string | undefined {
    return this.#lease.id === undefined ? "The node's lease could not be renewed." : undefined
  }

  connectionsElsewhere(tokenId: string): number {
    return this.#lease.connectionsElsewhere(tokenId)
  }

  onSessionEnd(sha256: string): void {
    this.#channel.onSessionEnd(sha256)
  }

  figures(): ClusterFigures {
    return {
      nodes: this.#lease.others.size + 1,
      notificationsSent: this.#channel.sent,
      notificationsReceived: this.#channel.received,
      remoteRuns: this.#options.live.remoteIds().length,
      leaseValid: this.#lease.id !== undefined,
    }
  }

  async close(): Promise<void> {
    await this.#sweeper.close()
    this.#sessions.close()
    await this.remoteRuns.close()
    await this.#publisher.close()
    // Best effort: if it fails, the other nodes take over once the lease has expired.
    await this.#lease.close().catch(() => {})
    await this.#channel.close()
  }

  /**
   * Creates the listener that publishes this node's changes. For runs of other nodes, it only sends notifications,
   * because those nodes have the live data.
   */
  #createListener(): RegistryListener {
    const { live } = this.#options
    const changed = (run: RunSummary) => {
      if (live.get(run.run_id) === undefined) this.#channel.onChange(run.run_id)
      else this.#publisher.onChange(run.run_id)
    }
    return {
      follows: () => false,
      turnsStored: ({ run_id, from, count }) => {
        this.#channel.onTurns(run_id, from + count)
        this.#publisher.onTurns(run_id)
      },
      runChanged: changed,
      progressChanged: changed,
      runEnded: ({ run_id }) => {
        this.#publisher.onEnd(run_id)
        this.#channel.onChange(run_id)
      },
      runDeleted: (run_id) => this.#channel.onDelete(run_id),
    }
  }

  #onNodes(others: ReadonlySet<string>): void {
    this.#options.logger.info({ nodes: others.size + 1 }, "the nodes of the cluster have changed")
    // A node that is gone may not have announced its last changes.
    if ([...this.#others].some((id) => !others.has(id))) this.remoteRuns.onGap()
    this.#others = others
    if (others.size === 0) this.#channel.mute()
    else this.#channel.unmute()
    this.#publisher.activate(others.size > 0)
  }

  #onNotification(notification: ChangeNotification): void {
    if (notification.isNew) {
      this.#channel.unmute()
      this.#publisher.activate(true)
      this.#publisher.publishAll()
      this.remoteRuns.onGap()
    }
    for (const sha256 of notification.sessions) this.#targets?.endSession(sha256)
    this.remoteRuns.onNotification(notification)
  }

  /**
   * Disconnects agents, because other nodes may take over their runs. The agents must reconnect before they write
   * again.
   */
  #disconnectWriters(): void {
    const writers = new Set([...this.#options.live.values()].flatMap((run) => [...run.writers]))
    this.#options.logger.warn(
      { connections: writers.size },
      "the lease has expired; agents have to reconnect",
    )
    for (const writer of writers) writer.disconnect?.("this node's lease has expired")
  }

  /** Stops holding a run without an owner, once the database has the run's deadline. */
  #release(run: LiveRun): void {
    const { live } = this.#options
    const summary = summarizeRun(run.row, run)
    live.remove(run)
    live.setRemote({ row: run.row, live: liveFields(summary, run.row) })
    this.#channel.onChange(run.row.run_id)
  }

  #onSwept(run_ids: readonly string[]): void {
    for (const run_id of run_ids) {
      this.#channel.onChange(run_id)
      this.remoteRuns.onChange(run_id)
    }
  }

  #onSweptEnd(row: RunRow): void {
    this.#grace?.onSwept(row)
  }
}
