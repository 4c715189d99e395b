// Imported instead of using the global functions, so that fake timers in tests don't stop commits.
import { clearImmediate, clearTimeout, setImmediate, setTimeout } from "node:timers"
import { Worker } from "node:worker_threads"
import { DatabaseNewerError, DatabaseNotDurableError } from "@/server/store/errors"
import { StoreUnavailableError } from "@/server/store/RunStore"
import type { TextBytes } from "./PackedBatch"
import { SqliteOutbox } from "./SqliteOutbox"
import type { FromWorker, Reply, ToWorker, WorkerSettings } from "./workerProtocol"

/** The operations of a thread, by name. */
export type Ops = Record<string, (arg: never, texts: never) => unknown>
/** The maximum number of unanswered messages: one that is being processed, and one that is waiting. */
const MAX_MESSAGES = 2
/**
 * Limits the indexer's heap. Without limits, garbage from many short-lived strings would take hundreds of megabytes.
 * Indexing a large turn takes tens of megabytes.
 */
const INDEXER_LIMITS = { maxYoungGenerationSizeMb: 8, maxOldGenerationSizeMb: 160 }

type Waiting = { resolve: (value: never) => void; reject: (error: Error) => void }

/** Logs errors, because callers don't get all details. */
export type StoreLogger = { warn(details: object, message: string): void }

/**
 * A worker thread with its own connection. Calls from one iteration of the event loop are sent in one message, and so
 * are calls made while the thread is busy, because each message wakes the thread. If the thread dies, pending calls
 * reject with `StoreUnavailableError`, and the next call starts a new thread.
 */
export class SqliteThread<T extends Ops> {
  readonly #waiting = new Map<number, Waiting>()
  readonly #outbox: SqliteOutbox
  /** For each sent message, the number of its calls without a reply. */
  #pendingReplies: number[] = []
  #postedAt = Number.NEGATIVE_INFINITY
  #worker: Worker | undefined
  #starting: Promise<void> | undefined
  /** The timer that will post the outbox. */
  #posting: NodeJS.Immediate | NodeJS.Timeout | undefined
  #closed = false
  #lastId = 0
  /** Called with the duration of each round, in seconds. */
  onRound: ((seconds: number) => void) | undefined

  constructor(
    readonly workerFile: URL,
    readonly settings: WorkerSettings,
    readonly logger?: StoreLogger,
    texts?: TextBytes,
  ) {
    this.#outbox = new SqliteOutbox(texts)
  }

  /** The number of calls without a reply. */
  get waiting(): number {
    return this.#waiting.size
  }

  /** Starts the thread. Rejects with the error from opening the database. */
  open(): Promise<void> {
    this.#starting ??= this.#start().finally(() => {
      this.#starting = undefined
    })
    return this.#starting
  }

  /** Calls an operation of the thread. Calls are executed in order. */
  call<K extends keyof T & string>(op: K, arg: Parameters<T[K]>[0]): Promise<ReturnType<T[K]>> {
    if (this.#closed) return Promise.reject(new StoreUnavailableError("The store is closed"))
    return new Promise((resolve, reject) => {
      const id = ++this.#lastId
      this.#waiting.set(id, { resolve, reject })
      this.#outbox.push({ id, op, arg })
      if (this.#takesMore) this.#postSoon()
    })
  }

  /** Ends the thread after all pending calls. */
  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.#post(true)
    await this.#starting?.catch(() => undefined)
    const worker = this.#worker
    if (worker === undefined) return
    const exited = new Promise((resolve) => worker.once("exit", resolve))
    worker.postMessage({ close: true } satisfies ToWorker)
    await exited
  }

  /** Ends the thread immediately. The next call starts a new one. */
  async terminate(): Promise<void> {
    await this.#worker?.terminate()
  }

  /**
   * True if a message should be posted: the thread is idle, or there are enough calls for a second message, which waits
   * until the thread is idle.
   */
  get #takesMore(): boolean {
    const messages = this.#pendingReplies.length
    return messages === 0 || (messages < MAX_MESSAGES && this.#outbox.hasEnough)
  }

  /**
   * Posts after this iteration of the event loop, or later if there are few calls and the last message was posted only
   * recently.
   */
  #postSoon(): void {
    const { gatherMs = 0 } = this.settings
    const isTime = this.#outbox.hasEnough || performance.now() - this.#postedAt >= gatherMs
    if (this.#posting !== undefined && !(isTime && isTimeout(this.#posting))) return
    this.#stopPosting()
    this.#posting = isTime ? setImmediate(() => this.#post()) : setTimeout(() => this.#post(), gatherMs)
  }

  #stopPosting(): void {
    if (this.#posting === undefined) return
    if (isTimeout(this.#posting)) clearTimeout(this.#posting)
    else clearImmediate(this.#posting)
    this.#posting = undefined
  }

  #post(all = false): void {
    this.#stopPosting()
    if (this.#outbox.size === 0) return
    if (this.#worker === undefined) {
      this.open().then(
        () => this.#post(true),
        (error) => this.#failAll(error),
      )
      return
    }
    const { message, transfer } = this.#outbox.take(all || this.settings.gatherMs === undefined)
    try {
      this.#worker.postMessage(message, transfer)
      this.#pendingReplies.push(message.calls.length)
      this.#postedAt = performance.now()
    } catch (error) {
      const bug = error instanceof Error ? error : new Error(String(error))
      for (const { id } of message.calls) this.#take(id)?.reject(bug)
    }
  }

  #start(): Promise<void> {
    return new Promise((resolve, reject) => {
      const { role } = this.settings
      const resourceLimits = role === "indexer" ? INDEXER_LIMITS : {}
      const worker = new Worker(this.workerFile, { workerData: this.settings, resourceLimits })
      let opened = false
      worker.on("message", (message: FromWorker) => {
        if ("replies" in message) {
          this.onRound?.(message.seconds)
          this.#settle(message.replies)
        } else if ("ready" in message) {
          opened = true
          this.#worker = worker
          resolve()
        } else reject(openingError(message.failed))
      })
      worker.on("error", (error) => {
        this.logger?.warn({ err: error, role: this.settings.role }, "A store thread failed")
        reject(new StoreUnavailableError("A store thread failed"))
      })
      worker.once("exit", () => {
        reject(new StoreUnavailableError("A store thread exited"))
        if (!opened) return
        this.#worker = undefined
        this.#failAll(new StoreUnavailableError("A store thread exited"))
      })
    })
  }

  #settle(replies: readonly Reply[]): void {
    // Logs one error per round: with a full disk, many calls fail together.
    const failed = replies.find(({ error }) => error !== undefined)?.error
    if (failed)
      this.logger?.warn({ error: failed, role: this.settings.role }, "A call to a store thread failed")
    this.#countReplies(replies.length)
    // Posts before resolving, so that the thread continues in the meantime.
    if (this.#takesMore && this.#outbox.hasEnough) this.#post()
    for (const { id, value, error } of replies) {
      const waiting = this.#take(id)
      if (error === undefined) waiting?.resolve(value as never)
      else if (error.kind === "bug") waiting?.reject(new Error(error.message))
      else waiting?.reject(new StoreUnavailableError(error.message))
    }
    if (this.#takesMore && this.#outbox.size > 0) this.#postSoon()
  }

  #countReplies(count: number): void {
    for (let left = count; left > 0; ) {
      const [first = left] = this.#pendingReplies
      if (first <= left) this.#pendingReplies.shift()
      else this.#pendingReplies[0] = first - left
      left -= first
    }
  }

  #take(id: number): Waiting | undefined {
    const waiting = this.#waiting.get(id)
    this.#waiting.delete(id)
    return waiting
  }

  #failAll(error: Error): void {
    this.#outbox.clear()
    this.#pendingReplies = []
    for (const waiting of this.#waiting.values()) waiting.reject(error)
    this.#waiting.clear()
  }
}

function isTimeout(posting: NodeJS.Immediate | NodeJS.Timeout): posting is NodeJS.Timeout {
  return "refresh" in posting
}

function openingError(failed: { name: string; message: string; versions?: [number, number] }): Error {
  if (failed.versions !== undefined) return new DatabaseNewerError(...failed.versions)
  return failed.name === "DatabaseNotDurableError"
    ? new DatabaseNotDurableError(failed.message)
    : new StoreUnavailableError(`The database can't be opened: ${failed.message}`)
}
