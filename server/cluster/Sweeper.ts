import type { Pool } from "pg"
import type { Logger } from "pino"
import type { Clock } from "@/server/platform/Clock"
import { redactError } from "@/server/platform/logger"
import { extendPartitions } from "@/server/store/postgres/migrate"
import type { PostgresRunStore } from "@/server/store/postgres/PostgresRunStore"
import type { RunRow } from "@/server/store/RunStore"
import { RELEASE_RUNS } from "./NodeLease"

const SWEEP_MS = 1_000
/**
 * The minimum number of sweeps per lease. A pause in sweeping is only noticed if it is longer than the interval between
 * two sweeps.
 */
const SWEEPS_PER_LEASE = 4
const RUNS_PER_SWEEP = 200
/** How often to search for runs without a node. A database that was restored or migrated has such runs. */
const ORPHANS_MS = 15_000
/** Partitions exist for weeks ahead, so checking every hour is enough and leaves time to react to failures. */
const PARTITIONS_MS = 3_600_000
/** Advisory lock that lets only one node sweep at a time. An arbitrary number. */
const SWEEP_LOCK = 724_816

/** Records the sweep. Returns the milliseconds since the previous one, which are negative if the clock was set back. */
const RECORD_SWEEP = `WITH before AS (SELECT swept_at FROM sweeps),
  recorded AS (INSERT INTO sweeps (swept_at) VALUES (now()) ON CONFLICT (only_row) DO UPDATE SET swept_at = now())
  SELECT extract(epoch FROM now() - swept_at) * 1000 AS ago FROM before`
/** After a time without sweeps, every lease and every grace period starts over. */
const RESTART_LEASES = `UPDATE nodes SET lease_until = now() + $1 * interval '1 millisecond'`
const RESTART_GRACES = `UPDATE runs SET grace_ends_at = now() + coalesce(grace_ms, $1) * interval '1 millisecond'
  WHERE grace_ends_at IS NOT NULL AND status = 0`
/**
 * Locks the nodes: their runs are released after their last write rounds have ended, and they can't begin another one.
 */
const EXPIRED_NODES = "SELECT node_id, name FROM nodes WHERE lease_until < now() FOR UPDATE"
const ADOPT_ORPHANS = `UPDATE runs SET owner_epoch = owner_epoch + 1,
    disconnected_at = coalesce(disconnected_at, floor(extract(epoch FROM now()) * 1000)::bigint),
    grace_ends_at = now() + coalesce(grace_ms, $1) * interval '1 millisecond'
  WHERE status = 0 AND grace_ends_at IS NULL AND NOT EXISTS (SELECT 1 FROM nodes n WHERE n.node_id = runs.owner_node)
  RETURNING run_id`

type SweeperOptions = {
  pool: Pool
  store: Pick<PostgresRunStore, "abandonExpired">
  clock: Clock
  logger: Logger
  leaseMs: number
  graceMs: number
}

type SweeperEvents = {
  /** Called with the runs that lost their node. */
  onChange(run_ids: readonly string[]): void
  onEnd(row: RunRow): void
  /** Called when an unfinished import was deleted because its node is gone. */
  onDiscard(row: RunRow): void
}

/**
 * Ends leases that weren't renewed and runs whose grace period has expired, both by the database's clock. Every node
 * sweeps, but only one at a time. After a period without sweeps (the database was unavailable, all nodes were down, the
 * database's clock jumped), leases and grace periods start over.
 */
export class Sweeper {
  readonly #options: SweeperOptions
  #events: SweeperEvents | undefined
  #timer: unknown
  #sweeping: Promise<void> | undefined
  #orphansAt = Number.NEGATIVE_INFINITY
  #partitionsAt: number
  readonly #everyMs: number
  #isClosed = false

  constructor(options: SweeperOptions) {
    this.#options = options
    this.#everyMs = Math.min(SWEEP_MS, options.leaseMs / SWEEPS_PER_LEASE)
    // Opening the store has just created the partitions.
    this.#partitionsAt = options.clock.monotonic()
  }

  open(events: SweeperEvents): void {
    this.#events = events
    this.#schedule()
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#options.clock.clearTimeout(this.#timer)
    await this.#sweeping
  }

  /** Sweeps once. Public for tests. Rejects with the database's error. */
  async sweep(): Promise<void> {
    await this.#extendPartitions()
    const changed = await this.#sweepNodes()
    if (changed === undefined) return
    if (changed.length > 0) this.#events?.onChange(changed)
    const { ended, discarded } = await this.#options.store.abandonExpired(RUNS_PER_SWEEP)
    for (const row of ended) this.#events?.onEnd(row)
    for (const row of discarded) this.#events?.onDiscard(row)
  }

  #schedule(): void {
    if (this.#isClosed) return
    this.#timer = this.#options.clock.setTimeout(() => {
      this.#sweeping = this.sweep()
        .catch((error) => this.#options.logger.debug({ err: error }, "a sweep failed; the next one retries"))
        .finally(() => this.#schedule())
    }, this.#everyMs)
  }

  /** Creates partitions for the coming weeks, once an hour. */
  async #extendPartitions(): Promise<void> {
    const { clock, pool, logger } = this.#options
    if (clock.monotonic() - this.#partitionsAt < PARTITIONS_MS) return
    this.#partitionsAt = clock.monotonic()
    try {
      const client = await pool.connect()
      try {
        const created = await extendPartitions(client)
        if (created > 0) logger.info({ partitions: created }, "created partitions")
      } finally {
        client.release()
      }
    } catch (error) {
      logger.error(
        { err: redactError(error) },
        "couldn't create partitions; without them, new runs can't be stored",
      )
    }
  }

  /** Releases the runs of expired nodes. Returns the ids of these runs; undefined if another node is sweeping. */
  async #sweepNodes(): Promise<string[] | undefined> {
    const { pool, leaseMs, graceMs, logger, clock } = this.#options
    const client = await pool.connect()
    try {
      await client.query("BEGIN")
      const lock = await client.query<{ locked: boolean }>(
        "SELECT pg_try_advisory_xact_lock($1, hashtext(current_schema())) AS locked",
        [SWEEP_LOCK],
      )
      if (lock.rows[0]?.locked !== true) {
        await client.query("ROLLBACK")
        return undefined
      }
      const { rows } = await client.query<{ ago: string | number }>(RECORD_SWEEP)
      const agoMs = Number(rows[0]?.ago ?? Number.POSITIVE_INFINITY)
      if (agoMs < 0 || agoMs > leaseMs / 2) {
        logger.info({ agoMs }, "no node has swept for a while; restarting leases and grace periods")
        await client.query(RESTART_LEASES, [leaseMs])
        await client.query(RESTART_GRACES, [graceMs])
        await client.query("COMMIT")
        return []
      }
      const expired = (await client.query<{ node_id: string; name: string }>(EXPIRED_NODES)).rows
      const changed: string[] = []
      if (expired.length > 0) {
        logger.warn(
          { nodes: expired.map(({ name }) => name) },
          "nodes were lost; their runs wait for their agents",
        )
        const ids = expired.map((node) => node.node_id)
        const released = await client.query<{ run_id: string }>(RELEASE_RUNS, [ids, graceMs])
        changed.push(...released.rows.map((row) => row.run_id))
      }
      if (clock.monotonic() - this.#orphansAt > ORPHANS_MS) {
        this.#orphansAt = clock.monotonic()
        const orphans = await client.query<{ run_id: string }>(ADOPT_ORPHANS, [graceMs])
        changed.push(...orphans.rows.map((row) => row.run_id))
      }
      await client.query("COMMIT")
      return changed
    } catch (error) {
      await client.query("ROLLBACK").catch(() => {})
      throw error
    } finally {
      client.release()
    }
  }
}
