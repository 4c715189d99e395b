// Not the global ones: a test's fake timers would hold back every commit.
import { clearImmediate, clearTimeout, setImmediate, setTimeout } from "node:timers"
import { Worker } from "node:worker_threads"
import { DatabaseNewerError, DatabaseNotDurableError } from "@/server/store/errors"
import { StoreUnavailableError } from "@/server/store/RunStore"
import type { TextBytes } from "./PackedBatch"
import { SqliteOutbox } from "./SqliteOutbox"
import type { FromWorker, Reply, ToWorker, WorkerSettings } from "./workerProtocol"

/** What a thread can be asked for, by name. */
export type Ops = Record<string, (arg: never, texts: never) => unknown>
/** One that is carried out, and one that lies ready. */
const MAX_MESSAGES = 2
/** It makes many short-lived strings, and would let them lie for hundreds of megabytes; a large turn takes some tens. */
const INDEXER_LIMITS = { maxYoungGenerationSizeMb: 8, maxOldGenerationSizeMb: 160 }

type Waiting = { resolve: (value: never) => void; reject: (error: Error) => void }

/** What a store tells of trouble that no caller may receive in full. */
export type StoreLogger = { warn(details: object, message: string): void }

/**
 * A worker thread with its own connection. Calls from one turn of the event loop are sent in one message, and so are calls
 * made while it is busy, because each message wakes the thread. One that dies rejects what it was asked with `StoreUnavailableError`; the
 * next call starts another.
 */
export class SqliteThread<T extends Ops> {
  readonly #waiting = new Map<number, Waiting>()
  readonly #outbox: SqliteOutbox
  /** How many calls of each message the thread has yet to answer. */
  #unanswered: number[] = []
  #postedAt = Number.NEGATIVE_INFINITY
  #worker: Worker | undefined
  #starting: Promise<void> | undefined
  /** What will post the outbox. */
  #posting: NodeJS.Immediate | NodeJS.Timeout | undefined
  #closed = false
  #lastId = 0
  /** Called with the seconds that each round took. */
  onRound: ((seconds: number) => void) | undefined

  constructor(
    readonly workerFile: URL,
    readonly settings: WorkerSettings,
    readonly logger?: StoreLogger,
    texts?: TextBytes,
  ) {
    this.#outbox = new SqliteOutbox(texts)
  }

  /** Calls that have no answer yet. */
  get waiting(): number {
    return this.#waiting.size
  }

  /** Starts the thread; rejects with what its opening threw. */
  open(): Promise<void> {
    this.#starting ??= this.#start().finally(() => {
      this.#starting = undefined
    })
    return this.#starting
  }

  /** Asks the thread for an operation; calls are carried out in the order in which they were made. */
  call<K extends keyof T & string>(op: K, arg: Parameters<T[K]>[0]): Promise<ReturnType<T[K]>> {
    if (this.#closed) return Promise.reject(new StoreUnavailableError("The store is closed"))
    return new Promise((resolve, reject) => {
      const id = ++this.#lastId
      this.#waiting.set(id, { resolve, reject })
      this.#outbox.push({ id, op, arg })
      if (this.#takesMore) this.#postSoon()
    })
  }

  /** Ends the thread after everything that was asked for. */
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

  /** Ends the thread in one go, whatever it is doing; the next call starts another. */
  async terminate(): Promise<void> {
    await this.#worker?.terminate()
  }

  /** It has nothing to do, or soon will: then the next calls already lie there. */
  get #takesMore(): boolean {
    const messages = this.#unanswered.length
    return messages === 0 || (messages < MAX_MESSAGES && this.#outbox.hasEnough)
  }

  /** Posts when the event loop has brought all it has: after a quiet while; else when there are some calls, or a little later. */
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
      this.#unanswered.push(message.calls.length)
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
        this.logger?.warn({ err: error, role: this.settings.role }, "A thread of the store failed")
        reject(new StoreUnavailableError("A thread of the store failed"))
      })
      worker.once("exit", () => {
        reject(new StoreUnavailableError("A thread of the store ended"))
        if (!opened) return
        this.#worker = undefined
        this.#failAll(new StoreUnavailableError("A thread of the store ended"))
      })
    })
  }

  #settle(replies: readonly Reply[]): void {
    // One line for a round: a full disk refuses many calls in one go.
    const failed = replies.find(({ trouble }) => trouble !== undefined)?.trouble
    if (failed) this.logger?.warn({ trouble: failed, role: this.settings.role }, "The store failed a call")
    this.#answered(replies.length)
    // Before the answers are acted on, so that the thread continues meanwhile.
    if (this.#takesMore && this.#outbox.hasEnough) this.#post()
    for (const { id, value, trouble } of replies) {
      const waiting = this.#take(id)
      if (trouble === undefined) waiting?.resolve(value as never)
      else if (trouble.kind === "bug") waiting?.reject(new Error(trouble.message))
      else waiting?.reject(new StoreUnavailableError(trouble.message))
    }
    if (this.#takesMore && this.#outbox.size > 0) this.#postSoon()
  }

  #answered(count: number): void {
    for (let left = count; left > 0; ) {
      const [first = left] = this.#unanswered
      if (first <= left) this.#unanswered.shift()
      else this.#unanswered[0] = first - left
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
    this.#unanswered = []
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
    : new StoreUnavailableError(`The database cannot be opened: ${failed.message}`)
}
