// Not the global ones: a test's fake timers would hold back every commit.
import { setImmediate, setTimeout } from "node:timers"
import { Worker } from "node:worker_threads"
import { StoreUnavailable } from "./RunStore"
import type { Call, FromWorker, Reply, ToWorker, WorkerSettings } from "./sqliteService"
import { DatabaseNewer, DatabaseNotDurable } from "./storeErrors"

/** What a thread can be asked for, by name. */
export type Ops = Record<string, (arg: never, texts: never) => unknown>
/** It makes many short-lived strings, and would let them lie for hundreds of megabytes; a large turn takes some tens. */
const INDEXER_LIMITS = { maxYoungGenerationSizeMb: 8, maxOldGenerationSizeMb: 160 }

type Waiting = { resolve: (value: never) => void; reject: (error: Error) => void }

/** What a store tells of trouble that no caller may hear of in full. */
export type StoreLogger = { warn(details: object, message: string): void }

/**
 * A worker thread with a connection of its own. Calls of one turn of the event loop go over in one message, and so do those that were
 * made while it was at work: each message wakes a thread. A thread that dies rejects what it was asked with `StoreUnavailable`; the
 * next call starts another.
 */
export class SqliteThread<T extends Ops> {
  readonly #waiting = new Map<number, Waiting>()
  #outbox: Call[] = []
  /** Calls that the thread has and has not answered. */
  #posted = 0
  #postedAt = Number.NEGATIVE_INFINITY
  #worker: Worker | undefined
  #starting: Promise<void> | undefined
  #flushing = false
  #closed = false
  #lastId = 0

  constructor(
    readonly workerFile: URL,
    readonly settings: WorkerSettings,
    readonly logger?: StoreLogger,
    /** Gives the bytes that the calls made since the last time go with. */
    readonly takeTexts?: () => ArrayBuffer | undefined,
  ) {}

  /** Starts the thread; rejects with what its opening threw. */
  open(): Promise<void> {
    this.#starting ??= this.#start().finally(() => {
      this.#starting = undefined
    })
    return this.#starting
  }

  /** Asks the thread for an operation; calls are carried out in the order in which they were made. */
  call<K extends keyof T & string>(op: K, arg: Parameters<T[K]>[0]): Promise<ReturnType<T[K]>> {
    if (this.#closed) return Promise.reject(new StoreUnavailable("The store is closed"))
    return new Promise((resolve, reject) => {
      const id = ++this.#lastId
      this.#waiting.set(id, { resolve, reject })
      this.#outbox.push({ id, op, arg })
      this.#flushSoon()
    })
  }

  /** Ends the thread after everything that was asked for. */
  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.#flush()
    await this.#starting?.catch(() => undefined)
    const worker = this.#worker
    if (worker === undefined) return
    const exited = new Promise((resolve) => worker.once("exit", resolve))
    worker.postMessage({ close: true } satisfies ToWorker)
    await exited
  }

  /** Ends the thread at once, whatever it is doing; the next call starts another. */
  async terminate(): Promise<void> {
    await this.#worker?.terminate()
  }

  /** Posts what there is: at once after a quiet while, else a little later with what comes until then. */
  #flushSoon(): void {
    if (this.#flushing || this.#posted > 0 || this.#outbox.length === 0) return
    this.#flushing = true
    const { gatherMs = 0 } = this.settings
    if (performance.now() - this.#postedAt >= gatherMs) setImmediate(() => this.#flush())
    else setTimeout(() => this.#flush(), gatherMs)
  }

  #flush(): void {
    this.#flushing = false
    const calls = this.#outbox
    if (calls.length === 0) return
    if (this.#worker === undefined) {
      this.open().then(
        () => this.#flush(),
        (error) => this.#failAll(error),
      )
      return
    }
    this.#outbox = []
    const texts = this.takeTexts?.()
    try {
      if (texts === undefined) this.#worker.postMessage({ calls } satisfies ToWorker)
      else this.#worker.postMessage({ calls, texts } satisfies ToWorker, [texts])
      this.#posted += calls.length
      this.#postedAt = performance.now()
    } catch (error) {
      const bug = error instanceof Error ? error : new Error(String(error))
      for (const { id } of calls) this.#take(id)?.reject(bug)
    }
  }

  #start(): Promise<void> {
    return new Promise((resolve, reject) => {
      const { role } = this.settings
      const resourceLimits = role === "indexer" ? INDEXER_LIMITS : {}
      const worker = new Worker(this.workerFile, { workerData: this.settings, resourceLimits })
      let opened = false
      worker.on("message", (message: FromWorker) => {
        if ("replies" in message) this.#settle(message.replies)
        else if ("ready" in message) {
          opened = true
          this.#worker = worker
          resolve()
        } else reject(openingError(message.failed))
      })
      worker.on("error", (error) => {
        this.logger?.warn({ err: error, role: this.settings.role }, "A thread of the store failed")
        reject(new StoreUnavailable("A thread of the store failed"))
      })
      worker.once("exit", () => {
        reject(new StoreUnavailable("A thread of the store ended"))
        if (!opened) return
        this.#worker = undefined
        this.#failAll(new StoreUnavailable("A thread of the store ended"))
      })
    })
  }

  #settle(replies: readonly Reply[]): void {
    // One line for a round: a full disk refuses many calls at once.
    const failed = replies.find(({ trouble }) => trouble !== undefined)?.trouble
    if (failed) this.logger?.warn({ trouble: failed, role: this.settings.role }, "The store failed a call")
    this.#posted -= replies.length
    for (const { id, value, trouble } of replies) {
      const waiting = this.#take(id)
      if (trouble === undefined) waiting?.resolve(value as never)
      else if (trouble.kind === "bug") waiting?.reject(new Error(trouble.message))
      else waiting?.reject(new StoreUnavailable(trouble.message))
    }
    this.#flushSoon()
  }

  #take(id: number): Waiting | undefined {
    const waiting = this.#waiting.get(id)
    this.#waiting.delete(id)
    return waiting
  }

  #failAll(error: Error): void {
    this.#outbox = []
    this.takeTexts?.()
    this.#posted = 0
    for (const waiting of this.#waiting.values()) waiting.reject(error)
    this.#waiting.clear()
  }
}

function openingError(failed: { name: string; message: string; versions?: [number, number] }): Error {
  if (failed.versions !== undefined) return new DatabaseNewer(...failed.versions)
  return failed.name === "DatabaseNotDurable"
    ? new DatabaseNotDurable(failed.message)
    : new StoreUnavailable(`The database cannot be opened: ${failed.message}`)
}
