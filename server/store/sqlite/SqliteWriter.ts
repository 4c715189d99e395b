import { createAccessOps } from "./access/createAccessOps"
import { FileWatch } from "./FileWatch"
import { createIngestOps } from "./ingest/createIngestOps"
import { migrate } from "./migrate"
import type { SentTexts } from "./PackedBatch"
import { assertDurable, openForWriting, type SqliteDatabase } from "./SqliteDatabase"
import { SqliteWrites } from "./SqliteWrites"
import { sweepDeletedRuns } from "./sweepDeletedRuns"
import { type Call, errorOf, type Reply, type Service, type WorkerSettings } from "./workerProtocol"

/**
 * If the write-ahead log is larger than this, a commit waits a moment until the readers have finished, and restarts the
 * log.
 */
const WAL_BYTES_MAX = 32 * 1024 * 1024
/**
 * If a long reader, such as a backup, prevents the restart, the next attempt is made after the log has grown by this
 * much.
 */
const WAL_BYTES_MORE = 4 * 1024 * 1024
const READERS_WAIT_MS = 50

type Connection = { db: SqliteDatabase; writes: SqliteWrites; ops: WriteOps }

function createWriteOps(db: SqliteDatabase, writes: SqliteWrites) {
  const access = createAccessOps(db)
  const ingest = createIngestOps(db)
  return {
    start: writes.start.bind(writes),
    takeOver: writes.takeOver.bind(writes),
    update: writes.update.bind(writes),
    append: writes.append.bind(writes),
    complete: writes.complete.bind(writes),
    startImport: writes.startImport.bind(writes),
    discardImport: writes.discardImport.bind(writes),
    finishImport: writes.finishImport.bind(writes),
    abandon: writes.abandon.bind(writes),
    markDisconnected: writes.markDisconnected.bind(writes),
    requestCancel: writes.requestCancel.bind(writes),
    delete: writes.delete.bind(writes),
    deleteEndedBefore: writes.deleteEndedBefore.bind(writes),
    sweep: writes.sweep.bind(writes),
    beat: writes.beat.bind(writes),
    addToken: access.addToken,
    revokeTokens: access.revokeTokens,
    addSession: access.addSession,
    endSession: access.endSession,
    deleteExpiredSessions: access.deleteExpiredSessions,
    addRequests: ingest.addRequests,
    deleteRequests: ingest.deleteRequests,
  }
}
/** The operations of the writer thread. */
export type WriteOps = ReturnType<typeof createWriteOps>

/**
 * Commits rounds of writes: all calls that arrived during the previous round share one transaction and one flush. If a
 * round fails, it is rolled back and its calls reject.
 */
export class SqliteWriter implements Service {
  readonly #settings: WorkerSettings
  readonly #watch: FileWatch | undefined
  #connection: Connection | undefined
  /** The deleted runs whose turns may be deleted; undefined if all may be. */
  readonly #sweepable: Set<number> | undefined
  #scrub = false
  #restartAtBytes = WAL_BYTES_MAX

  constructor(settings: WorkerSettings) {
    this.#settings = settings
    this.#sweepable = settings.indexed === true ? new Set() : undefined
    const { db } = this.#connect()
    db.transaction(() => this.#connect().writes.beat())
    assertDurable(db)
    this.#watch = new FileWatch(settings.file)
  }

  /** Runs the calls in one transaction, in order. A call that fails because of a bug doesn't affect the others. */
  round(calls: readonly Call[]): Reply[] {
    try {
      return this.#commit(calls)
    } catch (cause) {
      this.#undo()
      const error = errorOf(cause)
      if (error.kind === "bug" && calls.length > 1) return calls.flatMap((call) => this.round([call]))
      return calls.map(({ id }) => ({ id, error }))
    }
  }

  /** Continues deleting the turns of deleted runs. Returns true if there is more to do. */
  idle(): boolean {
    try {
      if (this.#connect().writes.leftovers) {
        this.#commit([])
        return true
      }
      // Truncates the log, so that it doesn't contain deleted data, either.
      if (this.#scrub) this.#scrub = !this.#checkpoint("TRUNCATE")
    } catch {
      // Best effort: continues after the next round, which reports the error if it persists.
      this.#undo()
    }
    return false
  }

  close(): void {
    this.#connection?.db.close()
    this.#connection = undefined
  }

  #connect(): Connection {
    if (this.#connection !== undefined) return this.#connection
    const { file, maxPages } = this.#settings
    const db = openForWriting(file)
    try {
      migrate(db)
      if (maxPages !== undefined) db.exec(`PRAGMA max_page_count = ${maxPages}`)
      const writes = new SqliteWrites(db, this.#sweepable)
      this.#watch?.reopened()
      this.#connection = { db, writes, ops: createWriteOps(db, writes) }
      return this.#connection
    } catch (error) {
      db.close()
      throw error
    }
  }

  #commit(calls: readonly Call[]): Reply[] {
    const walBytes = this.#watch?.check() ?? 0
    const { db, writes, ops } = this.#connect()
    db.query("BEGIN IMMEDIATE").run()
    const replies = calls.map((call) => ({ id: call.id, value: run(ops, call) }))
    // Must come before the sweep, which requires that all turns of deleted runs are written.
    writes.flush()
    if (writes.leftovers) {
      writes.leftovers = sweepDeletedRuns(db, this.#sweepable)
      this.#scrub ||= writes.leftovers
    }
    db.query("COMMIT").run()
    writes.committed()
    if (walBytes > this.#restartAtBytes) this.#restartLog(walBytes)
    return replies
  }

  #restartLog(walBytes: number): void {
    try {
      const done = this.#checkpoint("RESTART")
      this.#restartAtBytes = done ? WAL_BYTES_MAX : walBytes + WAL_BYTES_MORE
    } catch {
      // Best effort: the round is stored, and a later round tries again.
    }
  }

  #undo(): void {
    const connection = this.#connection
    if (connection === undefined) return
    try {
      if (connection.db.inTransaction) connection.db.exec("ROLLBACK")
      connection.writes.rolledBack()
    } catch {
      this.close()
    }
  }

  /** Copies the log into the database, then restarts or truncates it. Returns false if a reader prevents that. */
  #checkpoint(how: "RESTART" | "TRUNCATE"): boolean {
    const { db } = this.#connect()
    db.exec(`PRAGMA busy_timeout = ${READERS_WAIT_MS}`)
    try {
      return db.query(`PRAGMA wal_checkpoint(${how})`).first()?.[0] === 0
    } finally {
      db.exec("PRAGMA busy_timeout = 5000")
    }
  }
}

function run(ops: WriteOps, { op, arg, texts }: Call): unknown {
  if (!Object.hasOwn(ops, op)) throw new TypeError(`The writer has no operation ${op}`)
  // The caller's types ensure that `arg` matches. Messages between threads aren't typed.
  return (ops[op as keyof WriteOps] as (arg: unknown, texts?: SentTexts) => unknown)(arg, texts)
}
