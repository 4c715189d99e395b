import { randomUUID } from "node:crypto"
import type { Pool } from "pg"
import type { Logger } from "pino"
import type { Clock } from "@/server/platform/Clock"
import type { WriterNode } from "@/server/store/postgres/write/PostgresWriter"

/** How often a lease is renewed within its length: often enough that one failed renewal has no effect. */
const RENEWALS_PER_LEASE = 3
/** A write round may take a quarter of a lease. Even just before a renewal, two thirds of the lease are left for it. */
const ROUNDS_PER_LEASE = 4
const RETRY_MS = 500
const CHECK_MS = 250

const REGISTER = `INSERT INTO nodes (node_id, name, lease_until) VALUES ($1, $2, now() + $3 * interval '1 millisecond')`
const RENEW = `UPDATE nodes SET lease_until = now() + $2 * interval '1 millisecond', connections = $3 WHERE node_id = $1`
const OTHERS = "SELECT node_id, connections FROM nodes WHERE node_id <> $1 AND lease_until > now()"
/**
 * Releases the runs of nodes that are gone, and starts the grace periods of those in progress. Such a node can't write
 * anymore, because a write needs the node's row. The higher epoch shows other nodes that the runs have changed.
 */
export const RELEASE_RUNS = `WITH gone AS (DELETE FROM nodes WHERE node_id = ANY($1::text[]) RETURNING node_id),
  live AS (DELETE FROM live_runs WHERE node_id IN (SELECT node_id FROM gone))
  UPDATE runs SET owner_node = NULL, owner_epoch = owner_epoch + 1,
    disconnected_at = coalesce(disconnected_at, floor(extract(epoch FROM now()) * 1000)::bigint),
    grace_ends_at = coalesce(grace_ends_at, now() + coalesce(grace_ms, $2) * interval '1 millisecond')
  WHERE status = 0 AND owner_node IN (SELECT node_id FROM gone) RETURNING run_id`

/** Returns how long a write round may take, in milliseconds. */
export function roundMs(leaseMs: number): number {
  return Math.floor(leaseMs / ROUNDS_PER_LEASE)
}

type LeaseOptions = {
  pool: Pool
  clock: Clock
  logger: Logger
  /** The node's name in logs and in the `nodes` table. */
  name: string
  leaseMs: number
  graceMs: number
}

type LeaseEvents = {
  /** Called when the lease has expired or can't be renewed: other nodes may take over this node's runs. */
  onLost(): void
  /** Called when this node was declared dead: its runs now belong to other nodes. */
  onGone(): void
  /** Called when the set of other nodes has changed. */
  onNodes(others: ReadonlySet<string>): void
  connectionsPerToken(): ReadonlyMap<string, number>
}

/**
 * This process's row in the `nodes` table. The database's clock decides when the lease expires. This process uses its own
 * monotonic clock only to stop writing early: after half a lease without a renewal.
 */
export class NodeLease implements WriterNode {
  readonly graceMs: number
  readonly roundMs: number
  readonly #options: LeaseOptions
  #events: LeaseEvents | undefined
  #id: string | undefined
  #renewedAt = Number.NEGATIVE_INFINITY
  #renewTimer: unknown
  #checkTimer: unknown
  #renewing: Promise<void> | undefined
  #elsewhere = new Map<string, number>()
  #others: ReadonlySet<string> = new Set()
  #isSuspended = false
  #isClosed = false

  constructor(options: LeaseOptions) {
    this.#options = options
    this.graceMs = options.graceMs
    this.roundMs = roundMs(options.leaseMs)
  }

  /** This node's id; undefined while this process must not write. */
  get id(): string | undefined {
    this.#check()
    return this.#isSuspended ? undefined : this.#id
  }

  /** The id in the database, whether or not this process may write at the moment. */
  get registeredId(): string {
    return this.#id ?? ""
  }

  get others(): ReadonlySet<string> {
    return this.#others
  }

  /** Returns how many connections on other nodes use a token, as of the last renewal. */
  connectionsElsewhere(tokenId: string): number {
    return this.#elsewhere.get(tokenId) ?? 0
  }

  /** Registers this process. Rejects with the database's error. */
  async open(events: LeaseEvents): Promise<void> {
    this.#events = events
    await this.#register()
    await this.#readOthers()
    this.#renewSoon(this.#options.leaseMs / RENEWALS_PER_LEASE)
    this.#watch()
  }

  onLeaseExpired(): void {
    this.#renewSoon(0)
  }

  /** Releases this node's runs, so that their grace periods start now instead of at the end of the lease. */
  async close(): Promise<void> {
    this.#isClosed = true
    const { clock, pool } = this.#options
    clock.clearTimeout(this.#renewTimer)
    clock.clearTimeout(this.#checkTimer)
    await this.#renewing
    if (this.#id !== undefined) await pool.query(RELEASE_RUNS, [[this.#id], this.graceMs])
    this.#id = undefined
  }

  async #register(): Promise<void> {
    const { pool, name, leaseMs, clock } = this.#options
    const id = randomUUID()
    const sentAt = clock.monotonic()
    await pool.query(REGISTER, [id, name, leaseMs])
    this.#id = id
    this.#renewed(sentAt)
  }

  #renewed(sentAt: number): void {
    this.#renewedAt = sentAt
    this.#isSuspended = false
  }

  #renewSoon(ms: number): void {
    const { clock } = this.#options
    clock.clearTimeout(this.#renewTimer)
    if (this.#isClosed) return
    this.#renewTimer = clock.setTimeout(() => {
      this.#renewing ??= this.#renew().finally(() => {
        this.#renewing = undefined
      })
    }, ms)
  }

  async #renew(): Promise<void> {
    const { pool, clock, leaseMs, logger } = this.#options
    try {
      const sentAt = clock.monotonic()
      if (this.#id === undefined) await this.#register()
      else {
        const connections = Object.fromEntries(this.#events?.connectionsPerToken() ?? [])
        const renewed = await pool.query(RENEW, [this.#id, leaseMs, JSON.stringify(connections)])
        if (renewed.rowCount === 0) {
          logger.warn("this node was declared dead; registering again")
          this.#lose()
          await this.#register()
        } else this.#renewed(sentAt)
      }
      await this.#readOthers()
      this.#renewSoon(leaseMs / RENEWALS_PER_LEASE)
    } catch (error) {
      logger.warn({ err: error }, "the lease could not be renewed")
      this.#renewSoon(RETRY_MS)
    }
  }

  async #readOthers(): Promise<void> {
    const { rows } = await this.#options.pool.query<{
      node_id: string
      connections: Record<string, number>
    }>(OTHERS, [this.#id])
    this.#elsewhere = new Map()
    for (const { connections } of rows) {
      for (const [tokenId, count] of Object.entries(connections))
        this.#elsewhere.set(tokenId, (this.#elsewhere.get(tokenId) ?? 0) + count)
    }
    const others = new Set(rows.map((row) => row.node_id))
    const isSame = others.size === this.#others.size && [...others].every((id) => this.#others.has(id))
    this.#others = others
    if (!isSame) this.#events?.onNodes(others)
  }

  /** Checks the lease often, so that a process that was suspended stops writing soon after it resumes. */
  #watch(): void {
    this.#checkTimer = this.#options.clock.setTimeout(() => {
      this.#check()
      if (!this.#isClosed) this.#watch()
    }, CHECK_MS)
  }

  #check(): void {
    if (this.#id === undefined) return
    const { clock, leaseMs } = this.#options
    if (clock.monotonic() - this.#renewedAt > leaseMs / 2) this.#suspend()
  }

  /**
   * Stops writing until the lease is renewed. Keeps the id, because the lease can be renewed unless another node has
   * declared this one dead.
   */
  #suspend(): void {
    if (this.#isSuspended) return
    this.#isSuspended = true
    this.#events?.onLost()
    this.#renewSoon(0)
  }

  #lose(): void {
    this.#id = undefined
    this.#events?.onGone()
    if (!this.#isSuspended) this.#events?.onLost()
  }
}
