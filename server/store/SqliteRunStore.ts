import { dirname, resolve } from "node:path"
import { type DataDirLock, lockDataDir } from "./dataDirLock"
import type { AppendBatch, NewRun, RunQuery, RunStore } from "./RunStore"
import type { ReadOps } from "./sqliteReader"
import { SqliteThread, type StoreLogger } from "./sqliteThread"
import type { WriteOps } from "./sqliteWriter"

export type SqliteRunStoreOptions = {
  /** The database; made with its folder when missing. Its folder should be on a local disk. */
  file: string
  /** The bundled worker, when it is not where it is looked for. */
  workerFile?: string | URL
  logger?: StoreLogger
  /** Commits that need more pages than this fail as on a full disk. */
  maxPages?: number
}

/**
 * Opens a store, migrates its database if need be, and keeps other servers off it.
 * Rejects with `DataDirInUse`, `DatabaseNewer`, `DatabaseNotDurable`, or `StoreUnavailable` for anything else that stands in the way.
 */
export async function openSqliteRunStore(options: SqliteRunStoreOptions): Promise<SqliteRunStore> {
  const file = resolve(options.file)
  const workerFile = new URL(options.workerFile ?? defaultWorkerFile(), import.meta.url)
  const lock = lockDataDir(dirname(file))
  const limits = options.maxPages === undefined ? {} : { maxPages: options.maxPages }
  const writer = new SqliteThread<WriteOps>(workerFile, { role: "writer", file, ...limits }, options.logger)
  const reader = new SqliteThread<ReadOps>(workerFile, { role: "reader", file }, options.logger)
  const lister = new SqliteThread<ReadOps>(workerFile, { role: "reader", file }, options.logger)
  try {
    await writer.open()
    // The lister starts when it is first asked.
    await reader.open()
    return new SqliteRunStore({ writer, reader, lister, lock })
  } catch (trouble) {
    await Promise.allSettled([writer.close(), reader.close(), lister.close()])
    lock.release()
    throw trouble
  }
}

// Bundled, the worker lies beside this code; run from the source, it is where the tests' set-up has put it.
function defaultWorkerFile(): string {
  return import.meta.url.endsWith(".ts") ? "../../build/server/sqliteWorker.js" : "./sqliteWorker.js"
}

type Parts = {
  writer: SqliteThread<WriteOps>
  reader: SqliteThread<ReadOps>
  lister: SqliteThread<ReadOps>
  lock: DataDirLock
}

/** Runs in a SQLite file: one thread writes, one reads runs, one goes through many for lists and counts; this one only passes on. */
export class SqliteRunStore implements RunStore {
  /** The threads, for what else is kept in the same database. */
  readonly writer: SqliteThread<WriteOps>
  readonly reader: SqliteThread<ReadOps>
  readonly #lister: SqliteThread<ReadOps>
  readonly #lock: DataDirLock

  constructor({ writer, reader, lister, lock }: Parts) {
    this.writer = writer
    this.reader = reader
    this.#lister = lister
    this.#lock = lock
  }

  start = (run: NewRun) => this.writer.call("start", run)
  takeOver = (take: Parameters<RunStore["takeOver"]>[0]) => this.writer.call("takeOver", take)
  append = (batch: AppendBatch) => this.writer.call("append", batch)
  complete = (end: Parameters<RunStore["complete"]>[0]) => this.writer.call("complete", end)
  abandon = (end: Parameters<RunStore["abandon"]>[0]) => this.writer.call("abandon", end)
  markDisconnected = (mark: Parameters<RunStore["markDisconnected"]>[0]) =>
    this.writer.call("markDisconnected", mark)
  requestCancel = (wish: Parameters<RunStore["requestCancel"]>[0]) => this.writer.call("requestCancel", wish)
  delete = (wish: Parameters<RunStore["delete"]>[0]) => this.writer.call("delete", wish)
  deleteEndedBefore = (time: string, limit: number) => this.writer.call("deleteEndedBefore", { time, limit })

  get = (runId: string) => this.reader.call("get", runId)
  getMany = (runIds: readonly string[]) => this.reader.call("getMany", runIds)
  inProgress = () => this.reader.call("inProgress", undefined)
  list = (query: RunQuery) => this.#lister.call("list", query)
  count = (query: Parameters<RunStore["count"]>[0]) => this.#lister.call("count", query)
  turns = (read: Parameters<RunStore["turns"]>[0]) => this.reader.call("turns", read)
  outlines = (read: Parameters<RunStore["outlines"]>[0]) => this.reader.call("outlines", read)

  healthy = () =>
    this.writer.call("beat", undefined).then(
      () => true,
      () => false,
    )

  async close(): Promise<void> {
    // The readers first: the last connection to close empties the log, and that must be one that may write.
    await Promise.all([this.reader.close(), this.#lister.close()])
    await this.writer.close()
    this.#lock.release()
  }
}
