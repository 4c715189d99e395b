import { LRUCache } from "lru-cache"
import type { RunStore } from "@/server/store/RunStore"
import type { FanoutBounds } from "./bounds"

/** Turns from an index on, as JSON. `isFull`: more turns didn't fit, so this page never changes. */
export type Page = { from: number; turns: readonly string[]; isFull: boolean }

/**
 * Pages of the log. Recently used pages are cached, since stored turns never change. Each page is read once, however many
 * ask for it, and only a few are read concurrently.
 */
export class RunPages {
  readonly #store: Pick<RunStore, "turns">
  readonly #bounds: FanoutBounds
  readonly #cache: LRUCache<string, Page>
  readonly #reading = new Map<string, Promise<Page>>()
  readonly #waiting: (() => void)[] = []
  #reads = 0
  readonly stats = { read: 0, cached: 0 }

  constructor(store: Pick<RunStore, "turns">, bounds: FanoutBounds) {
    this.#store = store
    this.#bounds = bounds
    this.#cache = new LRUCache({ maxSize: bounds.pageCacheBytes, sizeCalculation: sizeOf })
  }

  /** The size of the cache, in characters. */
  get cachedChars(): number {
    return this.#cache.calculatedSize
  }

  /**
   * The page at `from`, without turns at or after `end`; not a promise if it is cached.
   *
   * @throws {StoreUnavailableError} as a rejection
   */
  get(run_id: string, from: number, end: number): Page | Promise<Page> {
    const key = keyOf(run_id, from)
    const cached = this.#cache.get(key)
    // A page that wasn't full ended with the log, which may have grown since.
    if (cached !== undefined && (cached.isFull || from + cached.turns.length >= end)) {
      this.stats.cached += 1
      return upTo(end, cached)
    }
    const reading = this.#reading.get(key) ?? this.#readOnce(key, run_id, from, end)
    return reading.then((page) => upTo(end, page))
  }

  /** Drops a run's pages, including those being read. */
  forget(run_id: string): void {
    const prefix = keyOf(run_id, "")
    for (const pages of [this.#reading, this.#cache])
      for (const key of [...pages.keys()]) if (key.startsWith(prefix)) pages.delete(key)
  }

  #readOnce(key: string, run_id: string, from: number, end: number): Promise<Page> {
    const reading = this.#read(run_id, from, end)
    this.#reading.set(key, reading)
    const done = (page?: Page) => {
      // Not if the run has been deleted in the meantime.
      if (this.#reading.get(key) !== reading) return
      this.#reading.delete(key)
      if (page !== undefined && page.turns.length > 0) this.#cache.set(key, page)
    }
    reading.then(done, () => done())
    return reading
  }

  async #read(run_id: string, from: number, end: number): Promise<Page> {
    await this.#turnToRead()
    try {
      const limit = end - from
      const { turns } = await this.#store.turns({ run_id, from, limit, maxBytes: this.#bounds.frameBytes })
      this.stats.read += 1
      return { from, turns, isFull: turns.length < limit }
    } finally {
      const next = this.#waiting.shift()
      if (next === undefined) this.#reads -= 1
      else next()
    }
  }

  async #turnToRead(): Promise<void> {
    if (this.#reads < this.#bounds.concurrentReads) this.#reads += 1
    else await new Promise<void>((resolve) => this.#waiting.push(resolve))
  }
}

/** Another reader of the page may have known of more turns. */
function upTo(end: number, page: Page): Page {
  const count = end - page.from
  return page.turns.length <= count ? page : { ...page, turns: page.turns.slice(0, count) }
}

function sizeOf({ turns }: Page): number {
  return turns.reduce((sum, turn) => sum + turn.length, 1)
}

// JSON quotes the id, so that an id is never a prefix of another one's key.
function keyOf(run_id: string, from: number | ""): string {
  return `${JSON.stringify(run_id)}${from}`
}
