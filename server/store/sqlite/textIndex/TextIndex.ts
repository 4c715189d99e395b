// Not the global ones: a test's fake timers would hold back the index.
import { clearTimeout, setTimeout } from "node:timers"
import type { SqliteThread } from "@/server/store/sqlite/SqliteThread"
import type { WriteOps } from "@/server/store/sqlite/SqliteWriter"
import type { IndexOps } from "./SqliteIndexer"

/** Turns of about this long go into the index together; a search finds them that much later. */
const GATHER_MS = 1_000
/** More turns in that time take all of a small machine: then only so many slices are indexed with each gathering. */
const BUSY_TURNS = 500
const BUSY_SLICES = 1
/** Between looks at deleted runs whose turns are still being swept, and after a look that failed. */
const LOOK_MS = 1_000
const RETRY_MS = 10_000

type Parts = {
  indexer: Pick<SqliteThread<IndexOps>, "call">
  writer: Pick<SqliteThread<WriteOps>, "call">
}

/** Tells the indexer what was written, and the writer which deleted runs are out of the index, so that their turns may go. */
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

  /** Runs that are not wholly in the index yet, as far as known. */
  get due(): number {
    return this.#due + this.#written.size
  }

  /** Turns that are not in the index yet, as far as known. */
  get unsearchable(): number {
    return this.#lag + this.#turns
  }

  /** A run got so many turns. */
  wrote(runId: string, turns: number): void {
    this.#written.add(runId)
    this.#turns += turns
    this.#noteSoon()
  }

  /** Runs were deleted, or may have been. */
  deleted(): void {
    if (this.#forgetting || this.#closed) return
    clearTimeout(this.#forgetTimer)
    this.#forgetting = true
    this.#forget().then(
      (more) => {
        this.#forgetting = false
        if (more) this.#lookAgain(LOOK_MS)
      },
      () => {
        // The thread ended, or the files can't be deleted: the turns stay until this succeeds.
        this.#forgetting = false
        this.#lookAgain(RETRY_MS)
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
    // Indexing a turn costs more than storing it: while many come it waits, and is made up for when fewer do.
    const slices = this.#turns > BUSY_TURNS ? BUSY_SLICES : Number.POSITIVE_INFINITY
    this.#lag += this.#turns
    this.#turns = 0
    this.#parts.indexer.call("pace", slices).catch(() => {})
    this.#parts.indexer.call("note", written).then(
      (due) => {
        this.#due = due
        // Asks again, so that it is known when all is done, and what trouble of the disk kept back continues.
        if (due > 0) this.#noteSoon()
      },
      () => {
        for (const runId of written) this.#written.add(runId)
      },
    )
    this.#parts.indexer.call("lag", undefined).then((lag) => {
      this.#lag = lag
      if (lag > 0) this.#noteSoon()
    }, ignoreRejection)
  }

  /** Whether deleted runs are still there. */
  async #forget(): Promise<boolean> {
    for (;;) {
      const { forgotten, more } = await this.#parts.indexer.call("forgetDeleted", undefined)
      if (forgotten.length > 0) await this.#parts.writer.call("sweep", forgotten)
      if (!more || this.#closed) return forgotten.length > 0
    }
  }

  #lookAgain(ms: number): void {
    if (!this.#closed) this.#forgetTimer = setTimeout(() => this.deleted(), ms).unref()
  }
}

/** What the call before it failed of, this one does: it is asked again. */
function ignoreRejection(): void {}
