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

/** Each round of writes wakes a thread twice and waits for the disk once: a busy server's are worth more turns than one. */
const GATHER_MS = 1

export type SqliteRunStoreOptions = {
  /** The database; made with its folder when missing. Its folder should be on a local disk. */
  file: string
  /** The bundled worker, when it is not in its usual place. */
  workerFile?: string | URL
  logger?: StoreLogger
  /** Commits that need more pages than this fail as on a full disk. */
  maxPages?: number
  /** False keeps no index of turns' words: a search then finds runs by their summaries alone. */
  searchesTurns?: boolean
}

/**
 * Opens a store, migrates its database if need be, and keeps other servers off it.
 * Rejects with `DataDirInUseError`, `DatabaseNewerError`, `DatabaseNotDurableError`, or `StoreUnavailableError` for any other failure.
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
    // Nobody waits for the lister, but the first who asks should find it there.
    parts.lister.open().catch(ignoreRejection)
    return new SqliteRunStore(parts)
  } catch (trouble) {
    await Promise.allSettled([parts.writer.close(), parts.reader.close()])
    lock.release()
    throw trouble
  }
}

// Bundled, the worker lies beside this code; run from the source, it is where the tests' set-up has put it.
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
 * Runs in a SQLite file: one thread writes, one reads runs, one goes through many for lists and counts, one searches, one indexes what turns say;
 * this one only passes on.
 */
export class SqliteRunStore implements RunStore {
  /** The threads, for what else is kept in the same database. */
  readonly writer: SqliteThread<WriteOps>
  readonly reader: SqliteThread<ReadOps>
  readonly #lister: SqliteThread<ReadOps>
  /** Started by the first search. */
  readonly #searcher: SqliteThread<ReadOps>
  readonly #indexer: SqliteThread<IndexOps> | undefined
  readonly #text: TextIndex | undefined
  readonly #texts: TextBytes
  readonly #lock: DataDirLock
  /** Of turns whose commit is still awaited. */
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
    // The batch itself is dropped: its texts are packed.
    const { run_id } = batch
    const turns = batch.turns.length
    const settled = (ok: boolean) => {
      this.#writeBytes -= bytes
      if (ok) this.#text?.wrote(run_id, turns)
    }
    // Beside the answer, not before it: answers of one round must come in the round's order.
    appended.then(
      ({ ok }) => settled(ok),
      () => settled(false),
    )
    return appended
  }
  update = (update: Parameters<RunStore["update"]>[0]) => this.writer.call("update", update)
  complete = (end: Parameters<RunStore["complete"]>[0]) => this.writer.call("complete", end)
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

  timeCommits(tell: (seconds: number) => void): void {
    this.writer.onRound = tell
  }

  async close(): Promise<void> {
    // The readers first: the last connection to close empties the log, and that must be one that may write.
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

/** The caller receives a failure by the same promise. */
function ignoreRejection(): void {}
