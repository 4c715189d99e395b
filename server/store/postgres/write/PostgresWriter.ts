import type { Client } from "pg"
import { type Clock, systemClock } from "@/server/platform/Clock"
import { asStoreError, isLockTimeout, isRetryable } from "@/server/store/postgres/postgresErrors"
import { type AppendBatch, StoreUnavailableError } from "@/server/store/RunStore"
import type { Operation } from "./Operation"
import { LeaseExpiredError, type RoundNode, RoundTransaction } from "./RoundTransaction"

/** Limits of a round. A round must not take long, because its rows stay locked until it commits. */
const MAX_ROUND_BYTES = 4 * 1024 * 1024
const MAX_ROUND_OPERATIONS = 512
/** The maximum number of attempts to commit a round that conflicts with another node's round. */
const MAX_ATTEMPTS = 8
/** The maximum time that an operation waits for a row that another transaction has locked. */
const HELD_ROW_MS = 4_000
const HELD_ROW_PAUSE_MS = 25
/** The minimum time between attempts to connect. Writes in between fail immediately. */
const RECONNECT_MS = 250

type Pending = {
  operation: Operation<unknown>
  resolve(value: unknown): void
  reject(error: Error): void
  /** When the operation first found one of its rows locked by another transaction. */
  heldSince?: number
}

/** This process as a node of a cluster. Its writes need a lease that is valid according to the database. */
export type WriterNode = {
  /** The node's id while its lease is valid; otherwise undefined. */
  readonly id: string | undefined
  /** The grace period of runs that don't have their own. */
  readonly graceMs: number
  /** The maximum time of a round: the server ends its transaction if the node is suspended for longer. */
  readonly roundMs: number
  /** Called when a write was refused because the lease has expired. */
  onLeaseExpired(): void
}

/**
 * A node's only writing connection. Operations that arrive during a round are part of the next one, so that one commit
 * serves many agents. Operations are applied in the order of the calls.
 */
export class PostgresWriter {
  readonly #connect: () => Promise<Client>
  readonly #clock: Clock
  #queue: Pending[] = []
  #queuedBytes = 0
  #client: Client | undefined
  #running: Promise<void> | undefined
  #closed = false
  #failedAt = Number.NEGATIVE_INFINITY
  #failure: Error | undefined
  /** Called with the duration of each round, in seconds. */
  onRound: ((seconds: number) => void) | undefined
  readonly stats = { rounds: 0, operations: 0, statements: 0 }

  /** Set if the process is a node of a cluster. */
  node: WriterNode | undefined

  constructor(connect: () => Promise<Client>, clock: Clock = systemClock) {
    this.#connect = connect
    this.#clock = clock
  }

  get figures(): { writes: number; writeBytes: number } {
    return { writes: this.#queue.length, writeBytes: this.#queuedBytes }
  }

  /** Connects. Rejects with the connection's error. */
  async open(): Promise<void> {
    await this.#connected()
  }

  /** Resolves after the commit. Rejects with `StoreUnavailableError` if the database can't commit. Other errors are bugs. */
  write<T>(operation: Operation<T>): Promise<T> {
    if (this.#closed) return Promise.reject(new StoreUnavailableError("The store is closed"))
    return new Promise<T>((resolve, reject) => {
      // The type assertion is safe, because the value is the result of this operation's `apply`.
      this.#queue.push({ operation, resolve: resolve as (value: unknown) => void, reject })
      this.#queuedBytes += operation.bytes
      this.#running ??= this.#run()
    })
  }

  /** Commits queued operations and closes the connection. */
  async close(): Promise<void> {
    this.#closed = true
    await this.#running
    await this.#client?.end().catch(() => {})
    this.#client = undefined
  }

  async #run(): Promise<void> {
    // Operations that arrive in the same iteration of the event loop share the first round.
    await new Promise((resolve) => setImmediate(resolve))
    while (this.#queue.length > 0) {
      const round = this.#take()
      const started = performance.now()
      await this.#commit(round)
      this.onRound?.((performance.now() - started) / 1_000)
      if (this.#queue.length > 0 && this.#queue.every(({ heldSince }) => heldSince !== undefined))
        await new Promise<void>((resolve) => this.#clock.setTimeout(resolve, HELD_ROW_PAUSE_MS))
    }
    this.#running = undefined
  }

  /**
   * Takes operations for the next round, in order, until the round is full or an operation needs a run that the round
   * starts.
   */
  #take(): Pending[] {
    const starting = new Set<string>()
    let bytes = 0
    let count = 0
    for (const { operation } of this.#queue) {
      const full = count >= MAX_ROUND_OPERATIONS || bytes + operation.bytes > MAX_ROUND_BYTES
      if (count > 0 && (full || operation.runIds.some((runId) => starting.has(runId)))) break
      if (operation.starts !== undefined) starting.add(operation.starts)
      bytes += operation.bytes
      count += 1
    }
    const taken = this.#queue.splice(0, count)
    this.#queuedBytes -= bytes
    return taken
  }

  async #commit(round: Pending[]): Promise<void> {
    let skipLocked = round.some(({ heldSince }) => heldSince !== undefined)
    for (let attempt = 1; ; attempt++) {
      try {
        await this.#attempt(round, skipLocked)
        return
      } catch (error) {
        if (isLockTimeout(error) && !skipLocked) skipLocked = true
        else if (!isRetryable(error) || attempt >= MAX_ATTEMPTS) return this.#fail(round, error)
      }
    }
  }

  async #attempt(round: Pending[], skipLocked: boolean): Promise<void> {
    this.#writingNode()
    const client = await this.#connected()
    // The lease may have expired in the meantime.
    const transaction = new RoundTransaction(client, this.#writingNode())
    try {
      const operations = round.map(({ operation }) => operation)
      const { values, held } = await transaction.run(operations, skipLocked)
      this.stats.rounds += 1
      this.stats.operations += round.length
      this.stats.statements += transaction.statements
      const later = round.filter((_, at) => held.has(at))
      for (const [at, { resolve }] of round.entries()) if (!held.has(at)) resolve(values[at])
      this.#defer(later)
    } catch (error) {
      await this.#recover(client, transaction)
      if (error instanceof LeaseExpiredError) this.node?.onLeaseExpired()
      throw error
    }
  }

  /**
   * Returns the writing node of a cluster; undefined if the process isn't part of one.
   *
   * @throws {LeaseExpiredError} if the node has no lease.
   */
  #writingNode(): RoundNode | undefined {
    if (this.node === undefined) return undefined
    const { id, graceMs, roundMs } = this.node
    if (id === undefined) throw new LeaseExpiredError("The node has no lease")
    return { id, graceMs, roundMs }
  }

  /** Rolls back after a failure. Keeps the connection if it still responds. */
  async #recover(client: Client, transaction: RoundTransaction): Promise<void> {
    try {
      await transaction.rollBack()
    } catch {
      if (this.#client === client) this.#client = undefined
      await client.end().catch(() => {})
    }
  }

  /**
   * Requeues operations whose rows are locked by another transaction; fails the operations that have waited too long.
   */
  #defer(held: Pending[]): void {
    const now = this.#clock.monotonic()
    const again: Pending[] = []
    for (const pending of held) {
      pending.heldSince ??= now
      if (now - pending.heldSince < HELD_ROW_MS) again.push(pending)
      else pending.reject(new StoreUnavailableError("Another transaction has locked the run"))
    }
    this.#queue.unshift(...again)
    this.#queuedBytes += again.reduce((sum, { operation }) => sum + operation.bytes, 0)
  }

  /**
   * Handles the failure of a round. After a bug, runs the operations one by one, so that only the faulty operation
   * fails.
   */
  async #fail(round: Pending[], cause: unknown): Promise<void> {
    const error = asStoreError(cause)
    if (round.length === 1 || error instanceof StoreUnavailableError) {
      for (const { reject } of round) reject(error)
      return
    }
    for (const pending of round) await this.#commit([pending])
  }

  async #connected(): Promise<Client> {
    if (this.#client !== undefined) return this.#client
    if (this.#failure !== undefined && this.#clock.monotonic() - this.#failedAt < RECONNECT_MS)
      throw this.#failure
    try {
      const client = await this.#connect()
      client.on("end", () => {
        if (this.#client === client) this.#client = undefined
      })
      this.#client = client
      this.#failure = undefined
      return client
    } catch (error) {
      this.#failedAt = this.#clock.monotonic()
      this.#failure = error instanceof Error ? error : new Error(String(error))
      throw this.#failure
    }
  }
}

/** Returns the approximate size of a batch's turns. */
export function batchBytes({ turns }: AppendBatch): number {
  return turns.reduce((sum, turn) => sum + turn.body.length + turn.outline.length, 0)
}
