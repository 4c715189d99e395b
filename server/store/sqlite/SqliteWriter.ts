import { createAccessOps } from "./access/createAccessOps"
import { FileWatch } from "./FileWatch"
import { createIngestOps } from "./ingest/createIngestOps"
import { migrate } from "./migrate"
import type { SentTexts } from "./PackedBatch"
import { assertDurable, openForWriting, type SqliteDatabase } from "./SqliteDatabase"
import { SqliteWrites } from "./SqliteWrites"
import { sweepDeletedRuns } from "./sweepDeletedRuns"
import { type Call, errorOf, type Reply, type Service, type WorkerSettings } from "./workerProtocol"

/** Past this size of the log a commit waits a little for the readers (they are short) and starts the log again. */
const WAL_BYTES_MAX = 32 * 1024 * 1024
/** A reader that stays (a copy being made) is waited for again only after so much more. */
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
/** What the writer's thread can be asked for. */
export type WriteOps = ReturnType<typeof createWriteOps>

/**
 * Commits rounds of writes: one transaction, and one flush to the disk, for all that came while the round before was under way.
 * Trouble rolls the round back and rejects its calls; the next round tries again.
 */
export class SqliteWriter implements Service {
  readonly #settings: WorkerSettings
  readonly #watch: FileWatch | undefined
  #connection: Connection | undefined
  /** Deleted runs whose turns may go; undefined: all. */
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

  /** Runs the calls in one transaction, in order. One that throws because of a bug doesn't affect the others. */
  round(calls: readonly Call[]): Reply[] {
    try {
      return this.#commit(calls)
    } catch (error) {
      this.#undo()
      const trouble = errorOf(error)
      if (trouble.kind === "bug" && calls.length > 1) return calls.flatMap((call) => this.round([call]))
      return calls.map(({ id }) => ({ id, trouble }))
    }
  }

  /** Continues with deleting what is left of deleted runs; whether there is more to do. */
  idle(): boolean {
    try {
      if (this.#connect().writes.leftovers) {
        this.#commit([])
        return true
      }
      // Emptied, so that what was deleted is gone from it too.
      if (this.#scrub) this.#scrub = !this.#checkpoint("TRUNCATE")
    } catch {
      // Nobody waits for this: it continues after the next round, which reports the trouble if it is still there.
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
    } catch (trouble) {
      db.close()
      throw trouble
    }
  }

  #commit(calls: readonly Call[]): Reply[] {
    const walBytes = this.#watch?.check() ?? 0
    const { db, writes, ops } = this.#connect()
    db.query("BEGIN IMMEDIATE").run()
    const replies = calls.map((call) => ({ id: call.id, value: run(ops, call) }))
    // Before the sweep, which counts on there being no more turns of a deleted run to come.
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
      // The round is stored all the same; a later one tries again.
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

  /** Copies the log into the database and begins it again, or also empties its file; false when a reader is in the way. */
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
  if (!Object.hasOwn(ops, op)) throw new TypeError(`The writer knows no ${op}`)
  // The thread that calls is typed by `WriteOps`; between threads only the name is left.
  return (ops[op as keyof WriteOps] as (arg: unknown, texts?: SentTexts) => unknown)(arg, texts)
}
