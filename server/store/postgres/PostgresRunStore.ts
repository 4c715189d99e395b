import type { Pool } from "pg"
import { type Clock, systemClock } from "@/server/platform/Clock"
import type { TurnSearchQuery } from "@/server/search/TurnScan"
import type {
  AppendBatch,
  AppendResult,
  ImportFinish,
  NewRun,
  RunQuery,
  RunRow,
  RunStore,
  Stored,
  StoreFigures,
} from "@/server/store/RunStore"
import { checkDurability, checkSessions, connectWriter, createPool, type DatabaseOptions } from "./Connection"
import { migrate } from "./migrate"
import { asOpenError } from "./openErrors"
import { PostgresReads } from "./PostgresReads"
import { IndexSchedule } from "./search/IndexSchedule"
import { sweepDeletedRuns } from "./sweepDeletedRuns"
import { batchBytes, PostgresWriter, type WriterNode } from "./write/PostgresWriter"
import type { ExpiredRuns, WriteRound } from "./write/WriteRound"

const READERS = 8
const SWEEP_MS = 1_000
const SWEEP_RETRY_MS = 10_000
/**
 * The time until the next sweep if nothing is left to delete now. A later sweep is needed, because turns of expired
 * runs are deleted some days later and partitions become empty over time.
 */
const SWEEP_AGAIN_MS = 3_600_000
/** Approximate size of an operation without its texts. */
const OPERATION_BYTES = 500

export type PostgresRunStoreOptions = {
  /** `postgres://user:password@host:port/database` */
  url: string
  /** Shown in `pg_stat_activity`. */
  applicationName?: string
  /** Accepts a database that may lose acknowledged commits in a crash. */
  allowAsyncCommit?: boolean
  /**
   * How long a round's transaction may be idle before the server ends it, in milliseconds: the node may have stopped.
   */
  idleInTransactionMs?: number
  /** The number of connections for reading. */
  readers?: number
  /** Default: the system clock. */
  clock?: Clock
  openStream?: DatabaseOptions["openStream"]
}

/**
 * Opens a store on a PostgreSQL database and brings its schema up to date.
 *
 * @throws {DatabaseNewerError} when a later version of this program has migrated the database.
 * @throws {DatabaseNotDurableError} when commits wouldn't survive a crash.
 * @throws {DatabaseUnusableError} when the database can't be reached or used for a known reason.
 * @throws {StoreUnavailableError} when the database can't be used for another reason.
 */
export async function openPostgresRunStore(options: PostgresRunStoreOptions): Promise<PostgresRunStore> {
  const { url, applicationName = "turnline", idleInTransactionMs, openStream } = options
  const database = {
    ...{ url, applicationName },
    ...(idleInTransactionMs !== undefined && { idleInTransactionMs }),
    ...(openStream !== undefined && { openStream }),
  }
  try {
    const connect = () => connectWriter({ ...database, withoutTimeouts: true })
    const client = await connect()
    try {
      await checkSessions(client, connect)
      await migrate(client)
    } finally {
      await client.end().catch(() => {})
    }
    const store = new PostgresRunStore(database, options)
    await store.open()
    return store
  } catch (error) {
    throw asOpenError(error, url)
  }
}

/** Stores runs in a PostgreSQL database: one connection writes in rounds, and a pool of connections reads. */
export class PostgresRunStore implements RunStore {
  readonly #database: DatabaseOptions
  readonly #writer: PostgresWriter
  readonly #pool: Pool
  readonly #reads: PostgresReads
  readonly #index: IndexSchedule
  readonly #clock: Clock
  #sweepTimer: unknown
  #sweeping: Promise<void> | undefined
  #closed = false

  constructor(database: DatabaseOptions, options: Omit<PostgresRunStoreOptions, "url">) {
    const { clock = systemClock } = options
    this.#database = database
    this.#clock = clock
    const connect = async () => {
      const client = await connectWriter(database)
      if (options.allowAsyncCommit !== true) await checkDurability(client)
      return client
    }
    this.#writer = new PostgresWriter(connect, clock)
    this.#pool = createPool(database, options.readers ?? READERS)
    this.#reads = new PostgresReads(this.#pool)
    this.#index = new IndexSchedule(() => connectWriter(database), clock)
  }

  async open(): Promise<void> {
    try {
      await this.#writer.open()
      this.#sweepSoon(SWEEP_MS)
    } catch (error) {
      await this.close()
      throw error
    }
  }

  /** Makes the store write as a node of a cluster. */
  joinCluster(node: WriterNode): void {
    this.#writer.node = node
  }

  /**
   * Ends at most `limit` runs whose grace period is over by the database's clock. Runs whose import was interrupted are
   * deleted instead.
   */
  async abandonExpired(limit: number): Promise<ExpiredRuns> {
    const run_ids = await this.#reads.expiredGraces(limit)
    if (run_ids.length === 0) return { ended: [], discarded: [] }
    const expired = await this.#writer.write({
      runIds: run_ids,
      bytes: OPERATION_BYTES,
      apply: (round) => round.abandonExpired(run_ids),
    })
    if (expired.discarded.length > 0) this.#sweepSoon(0)
    return expired
  }

  /** The connections, for single statements on other tables of the same database. */
  get pool(): Pool {
    return this.#pool
  }

  start(run: NewRun): Promise<{ created: boolean; row: RunRow }> {
    const key = run.idempotency_key
    return this.#writer.write({
      runIds: run.continues === undefined ? [] : [run.continues.run_id],
      starts: run.run_id,
      ...(key !== undefined && { startKey: [run.agent_id, key] as const }),
      bytes: OPERATION_BYTES + run.intent.length,
      apply: (round) => round.start(run),
    })
  }

  takeOver(take: Parameters<RunStore["takeOver"]>[0]) {
    return this.#write(take.run_id, (round) => round.takeOver(take))
  }

  async append(batch: AppendBatch): Promise<AppendResult> {
    const { run_id, idempotency_key: key } = batch
    const result = await this.#writer.write({
      runIds: [run_id],
      ...(key !== undefined && { batchKey: [run_id, key] as const }),
      responses: batch.turns.flatMap(({ response }) => (response ? [[run_id, response.id] as const] : [])),
      bytes: OPERATION_BYTES + batchBytes(batch),
      apply: (round) => round.append(batch),
    })
    if (result.ok && !result.duplicate) this.#index.onTurns(run_id, result.count)
    return result
  }

  update(update: Parameters<RunStore["update"]>[0]) {
    return this.#write(update.run_id, (round) => round.update(update))
  }

  complete(end: Parameters<RunStore["complete"]>[0]): Promise<Stored<{ duplicate: boolean; row: RunRow }>> {
    return this.#write(end.run_id, (round) => round.complete(end))
  }

  startImport(run: NewRun): Promise<{ created: boolean; row: RunRow }> {
    return this.#writer.write({
      // If the run exists, it is locked, because another node may be importing the same run.
      runIds: [run.run_id, ...(run.continues === undefined ? [] : [run.continues.run_id])],
      starts: run.run_id,
      imports: run.run_id,
      bytes: OPERATION_BYTES + run.intent.length,
      apply: (round) => round.startImport(run),
    })
  }

  async discardImport(request: { run_id: string; owner: string }) {
    const result = await this.#write(request.run_id, (round) => round.discardImport(request))
    if (result.ok) this.#sweepSoon(0)
    return result
  }

  finishImport(finish: ImportFinish) {
    return this.#write(finish.run_id, (round) => round.finishImport(finish))
  }

  abandon(end: { run_id: string; owner: string; ended_at: string }) {
    return this.#write(end.run_id, (round) => round.abandon(end))
  }

  markDisconnected(mark: { run_id: string; disconnected_at: string | null; owner?: string }): Promise<void> {
    return this.#write(mark.run_id, (round) => round.markDisconnected(mark))
  }

  requestCancel(request: Parameters<RunStore["requestCancel"]>[0]) {
    return this.#write(request.run_id, (round) => round.requestCancel(request))
  }

  async delete(request: { run_id: string; readers: readonly string[] }) {
    const result = await this.#write(request.run_id, (round) => round.delete(request))
    if (result.ok) this.#sweepSoon(0)
    return result
  }

  async deleteEndedBefore(time: string, limit: number): Promise<string[]> {
    const run_ids = await this.#reads.endedBefore(time, limit)
    if (run_ids.length === 0) return []
    const expired = await this.#writer.write({
      runIds: run_ids,
      bytes: OPERATION_BYTES,
      apply: (round) => round.expire({ run_ids, before: time }),
    })
    this.#sweepSoon(SWEEP_MS)
    return expired
  }

  get = (run_id: string) => this.#reads.get(run_id)
  getMany = (run_ids: readonly string[]) => this.#reads.getMany(run_ids)
  inProgress = () => this.#reads.inProgress()
  list = (query: RunQuery) => this.#reads.list(query)
  count = (query: Parameters<RunStore["count"]>[0]) => this.#reads.count(query)
  turns = (read: Parameters<RunStore["turns"]>[0]) => this.#reads.turns(read)
  outlines = (read: Parameters<RunStore["outlines"]>[0]) => this.#reads.outlines(read)
  searchTurns = (search: TurnSearchQuery) => this.#reads.searchTurns(search)

  async healthy(): Promise<boolean> {
    const beat = { runIds: [], bytes: 0, beats: true, apply: () => true }
    return this.#writer.write(beat).catch(() => false)
  }

  figures(): StoreFigures {
    return { ...this.#writer.figures, unsearchable: this.#index.unsearchable }
  }

  timeCommits(onCommit: (seconds: number) => void): void {
    this.#writer.onRound = onCommit
  }

  /** The number of rounds, operations and statements so far, for benchmarks. */
  get stats(): Readonly<PostgresWriter["stats"]> {
    return this.#writer.stats
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.#clock.clearTimeout(this.#sweepTimer)
    await this.#writer.close()
    await this.#index.close()
    await this.#sweeping
    await this.#pool.end()
  }

  #write<T>(runId: string, apply: (round: WriteRound) => T): Promise<T> {
    return this.#writer.write({ runIds: [runId], bytes: OPERATION_BYTES, apply })
  }

  /** Schedules the deletion of deleted runs' turns. */
  #sweepSoon(ms: number): void {
    this.#clock.clearTimeout(this.#sweepTimer)
    if (this.#closed) return
    this.#sweepTimer = this.#clock.setTimeout(() => {
      this.#sweepTimer = undefined
      // The current sweep may miss runs that were deleted after it started, so another one is scheduled.
      if (this.#sweeping !== undefined) return this.#sweepSoon(SWEEP_MS)
      this.#sweeping = sweepDeletedRuns(() => connectWriter({ ...this.#database, withoutTimeouts: true }))
        .then(
          (more) => (more ? SWEEP_MS : SWEEP_AGAIN_MS),
          () => SWEEP_RETRY_MS,
        )
        .then((waitMs) => {
          this.#sweeping = undefined
          // A deletion in the meantime may already have scheduled the next sweep.
          if (this.#sweepTimer === undefined) this.#sweepSoon(waitMs)
        })
    }, ms)
  }
}
