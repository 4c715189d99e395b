import { dirname, resolve } from "node:path"
import type { TurnSearchQuery } from "@/server/search/TurnScan"
import { type DataDirLock, lockDataDir } from "@/server/store/lockDataDir"
import type {
  AppendBatch,
  AppendResult,
  ImportFinish,
  NewRun,
  RunQuery,
  RunRow,
  RunStore,
  Stored,
} from "@/server/store/RunStore"
import { TextBytes } from "./PackedBatch"
import type { ReadOps } from "./SqliteReader"
import { type Ops, SqliteThread, type StoreLogger } from "./SqliteThread"
import type { WriteOps } from "./SqliteWriter"
import { deleteIndex, indexFileOf } from "./textIndex/indexFile"
import type { IndexOps } from "./textIndex/SqliteIndexer"
import { TextIndex } from "./textIndex/TextIndex"
import type { WorkerSettings } from "./workerProtocol"

/**
 * How long writes are gathered for a round. A round wakes two threads and waits for a flush, so it should have several
 * batches.
 */
const GATHER_MS = 1

export type SqliteRunStoreOptions = {
  /** The database file. Created, with its folder, if missing. Should be on a local disk. */
  file: string
  /** The file of the bundled worker, if it isn't in the default place. */
  workerFile?: string | URL
  logger?: StoreLogger
  /** The maximum number of pages in the database. Commits that need more fail as if the disk were full. */
  maxPages?: number
  /** If false, there is no index of words: a search finds runs only by their own texts. */
  searchesTurns?: boolean
}

/**
 * Opens a store. Locks its data directory and migrates the database if necessary.
 *
 * @throws {DataDirInUseError | DatabaseNewerError | DatabaseNotDurableError}
 * @throws {StoreUnavailableError} for any other failure.
 */
export async function openSqliteRunStore(options: SqliteRunStoreOptions): Promise<SqliteRunStore> {
  const file = resolve(options.file)
  const workerFile = new URL(options.workerFile ?? defaultWorkerFile(), import.meta.url)
  const lock = lockDataDir(dirname(file))
  const { maxPages, searchesTurns = true, logger } = options
  const texts = new TextBytes()
  const thread = <T extends Ops>(role: WorkerSettings["role"], more: Partial<WorkerSettings> = {}) =>
    new SqliteThread<T>(workerFile, { role, file, ...more }, logger, role === "writer" ? texts : undefined)
  const indexer = searchesTurns ? thread<IndexOps>("indexer") : undefined
  if (indexer === undefined) deleteIndex(indexFileOf(file))
  const parts: Parts = {
    writer: thread("writer", {
      indexed: searchesTurns,
      gatherMs: GATHER_MS,
      ...(maxPages !== undefined && { maxPages }),
    }),
    reader: thread("reader"),
    lister: thread("reader"),
    searcher: thread("reader"),
    ...(indexer && { indexer }),
    texts,
    lock,
  }
  try {
    await parts.writer.open()
    await parts.reader.open()
    // Started in advance for the first list, but not awaited.
    parts.lister.open().catch(ignoreRejection)
    return new SqliteRunStore(parts)
  } catch (error) {
    await Promise.allSettled([parts.writer.close(), parts.reader.close()])
    lock.release()
    throw error
  }
}

// In a bundle, the worker is next to this code. When running from source, the test set-up has built it.
function defaultWorkerFile(): string {
  return import.meta.url.endsWith(".ts") ? "../../../build/server/sqliteWorker.js" : "./sqliteWorker.js"
}

type Parts = {
  writer: SqliteThread<WriteOps>
  reader: SqliteThread<ReadOps>
  lister: SqliteThread<ReadOps>
  searcher: SqliteThread<ReadOps>
  indexer?: SqliteThread<IndexOps>
  texts: TextBytes
  lock: DataDirLock
}

/**
 * Stores runs in a SQLite file. One thread writes, one reads single runs, one lists and counts, one searches and one
 * indexes words. The main thread only passes calls to these threads.
 */
export class SqliteRunStore implements RunStore {
  /** Public for the other stores in the same database. */
  readonly writer: SqliteThread<WriteOps>
  readonly reader: SqliteThread<ReadOps>
  readonly #lister: SqliteThread<ReadOps>
  /** Started by the first search. */
  readonly #searcher: SqliteThread<ReadOps>
  readonly #indexer: SqliteThread<IndexOps> | undefined
  readonly #text: TextIndex | undefined
  readonly #texts: TextBytes
  readonly #lock: DataDirLock
  /** The size of turns that are waiting for their commit. */
  #writeBytes = 0

  constructor({ writer, reader, lister, searcher, indexer, texts, lock }: Parts) {
    this.writer = writer
    this.reader = reader
    this.#lister = lister
    this.#searcher = searcher
    this.#indexer = indexer
    this.#text = indexer && new TextIndex({ indexer, writer })
    this.#texts = texts
    this.#lock = lock
  }

  start = (run: NewRun) => this.writer.call("start", run)
  takeOver = (take: Parameters<RunStore["takeOver"]>[0]) => this.writer.call("takeOver", take)
  append(batch: AppendBatch): Promise<AppendResult> {
    const from = this.#texts.end
    const packed = this.#texts.pack(batch)
    const bytes = this.#texts.end - from
    this.#writeBytes += bytes
    const appended = this.writer.call("append", packed)
    // Copies what is needed later, so that the batch, whose texts are already packed, can be freed.
    const { run_id } = batch
    const turns = batch.turns.length
    const settled = (ok: boolean) => {
      this.#writeBytes -= bytes
      if (ok) this.#text?.wrote(run_id, turns)
    }
    // Returns the original promise instead of this one, so that the replies of a round resolve in order.
    appended.then(
      ({ ok }) => settled(ok),
      () => settled(false),
    )
    return appended
  }
  update = (update: Parameters<RunStore["update"]>[0]) => this.writer.call("update", update)
  complete = (end: Parameters<RunStore["complete"]>[0]) => this.writer.call("complete", end)
  startImport = (run: NewRun) => this.writer.call("startImport", run)
  discardImport = (request: Parameters<RunStore["discardImport"]>[0]) =>
    this.writer.call("discardImport", request)
  finishImport = (finish: ImportFinish) => this.writer.call("finishImport", finish)
  abandon = (end: Parameters<RunStore["abandon"]>[0]) => this.writer.call("abandon", end)
  markDisconnected = (mark: Parameters<RunStore["markDisconnected"]>[0]) =>
    this.writer.call("markDisconnected", mark)
  requestCancel = (request: Parameters<RunStore["requestCancel"]>[0]) =>
    this.writer.call("requestCancel", request)
  delete(request: Parameters<RunStore["delete"]>[0]): Promise<Stored<{ row: RunRow }>> {
    const gone = this.writer.call("delete", request)
    gone.then(() => this.#text?.deleted(), ignoreRejection)
    return gone
  }
  deleteEndedBefore(time: string, limit: number): Promise<string[]> {
    const gone = this.writer.call("deleteEndedBefore", { time, limit })
    gone.then((runIds) => runIds.length > 0 && this.#text?.deleted(), ignoreRejection)
    return gone
  }

  get = (runId: string) => this.reader.call("get", runId)
  getMany = (runIds: readonly string[]) => this.reader.call("getMany", runIds)
  inProgress = () => this.reader.call("inProgress", undefined)
  list = (query: RunQuery) =>
    (query.filter.q === undefined ? this.#lister : this.#searcher).call("list", query)
  count = (query: Parameters<RunStore["count"]>[0]) => this.#lister.call("count", query)
  turns = (read: Parameters<RunStore["turns"]>[0]) => this.reader.call("turns", read)
  outlines = (read: Parameters<RunStore["outlines"]>[0]) => this.reader.call("outlines", read)
  searchTurns = (search: TurnSearchQuery) => this.#searcher.call("searchTurns", search)

  healthy = () =>
    this.writer.call("beat", undefined).then(
      () => true,
      () => false,
    )

  figures = () => ({
    writes: this.writer.waiting,
    writeBytes: this.#writeBytes,
    unsearchable: this.#text?.unsearchable ?? 0,
  })

  timeCommits(onCommit: (seconds: number) => void): void {
    this.writer.onRound = onCommit
  }

  async close(): Promise<void> {
    // Closes the readers first: the last connection to close truncates the write-ahead log, so it must be the writer.
    this.#text?.close()
    await Promise.all([
      this.reader.close(),
      this.#lister.close(),
      this.#searcher.close(),
      this.#indexer?.close(),
    ])
    await this.writer.close()
    this.#lock.release()
  }
}

/** Errors are reported to those who await the same promise, or by the next call. */
function ignoreRejection(): void {}
