// Imported instead of using the global functions, so that fake timers in tests don't stop indexing.
import { clearTimeout, setTimeout } from "node:timers"
import type { SqliteThread } from "@/server/store/sqlite/SqliteThread"
import type { WriteOps } from "@/server/store/sqlite/SqliteWriter"
import type { IndexOps } from "./SqliteIndexer"

/** Turns that are stored within this time are indexed together, so a search finds them after this delay. */
const GATHER_MS = 1_000
/**
 * If more turns than this arrive within `GATHER_MS`, only `BUSY_SLICES` slices are indexed, to leave time for other
 * work.
 */
const BUSY_TURNS = 500
const BUSY_SLICES = 1
/**
 * The time until the next check for deleted runs while turns are being swept, and after a failed check (`RETRY_MS`).
 */
const CHECK_MS = 1_000
const RETRY_MS = 10_000

type Parts = {
  indexer: Pick<SqliteThread<IndexOps>, "call">
  writer: Pick<SqliteThread<WriteOps>, "call">
}

/** Tells the indexer which runs have new turns, and the writer which deleted runs have been removed from the index. */
export class TextIndex {
  readonly #parts: Parts
  #written = new Set<string>()
  #turns = 0
  #noteTimer: NodeJS.Timeout | undefined
  #forgetTimer: NodeJS.Timeout | undefined
  #forgetting = false
  #due = 0
  #lag = 0
  #closed = false

  constructor(parts: Parts) {
    this.#parts = parts
    this.deleted()
    this.#noteSoon()
  }

  /** The number of runs with unindexed turns, as far as is known. */
  get due(): number {
    return this.#due + this.#written.size
  }

  /** The number of unindexed turns, as far as is known. */
  get unsearchable(): number {
    return this.#lag + this.#turns
  }

  /** Called when a run has new turns. */
  wrote(runId: string, turns: number): void {
    this.#written.add(runId)
    this.#turns += turns
    this.#noteSoon()
  }

  /** Called when runs may have been deleted. */
  deleted(): void {
    if (this.#forgetting || this.#closed) return
    clearTimeout(this.#forgetTimer)
    this.#forgetting = true
    this.#forget().then(
      (more) => {
        this.#forgetting = false
        if (more) this.#checkAgain(CHECK_MS)
      },
      () => {
        // The thread has ended, or the files can't be deleted. The turns are kept until a later attempt succeeds.
        this.#forgetting = false
        this.#checkAgain(RETRY_MS)
      },
    )
  }

  close(): void {
    this.#closed = true
    clearTimeout(this.#noteTimer)
    clearTimeout(this.#forgetTimer)
  }

  #noteSoon(): void {
    if (this.#noteTimer === undefined && !this.#closed)
      this.#noteTimer = setTimeout(() => this.#note(), GATHER_MS).unref()
  }

  #note(): void {
    this.#noteTimer = undefined
    const written = [...this.#written]
    this.#written = new Set()
    // Indexing a turn costs more than storing it, so indexing is throttled while many turns arrive, and catches up
    // later.
    const slices = this.#turns > BUSY_TURNS ? BUSY_SLICES : Number.POSITIVE_INFINITY
    this.#lag += this.#turns
    this.#turns = 0
    this.#parts.indexer.call("pace", slices).catch(() => {})
    this.#parts.indexer.call("note", written).then(
      (due) => {
        this.#due = due
        // Calls again until everything is indexed, even after an error.
        if (due > 0) this.#noteSoon()
      },
      () => {
        for (const runId of written) this.#written.add(runId)
        this.#noteSoon()
      },
    )
    this.#parts.indexer.call("lag", undefined).then((lag) => {
      this.#lag = lag
      if (lag > 0) this.#noteSoon()
    }, ignoreRejection)
  }

  /** Removes deleted runs from the index. Returns true if the caller should check again. */
  async #forget(): Promise<boolean> {
    for (;;) {
      const { forgotten, more } = await this.#parts.indexer.call("forgetDeleted", undefined)
      if (forgotten.length > 0) await this.#parts.writer.call("sweep", forgotten)
      if (!more || this.#closed) return forgotten.length > 0
    }
  }

  #checkAgain(ms: number): void {
    if (!this.#closed) this.#forgetTimer = setTimeout(() => this.deleted(), ms).unref()
  }
}

/**
 * Rejections of `lag` can be ignored: the last known number stays. If the thread has ended, the preceding call to
 * `note` rejects as well, and its handler schedules a retry of both.
 */
function ignoreRejection(): void {}
