import { LRUCache } from "lru-cache"
import type { RunStore } from "@/server/store/RunStore"
import type { FanoutBounds } from "./bounds"

/** Turns starting at an index, as JSON. `isFull`: the page ended because of its size, so it never changes. */
export type LogPage = { from: number; turns: readonly string[]; isFull: boolean }

/**
 * Pages of the log. Recently used pages are cached, because stored turns never change. Concurrent requests for a page
 * share one read, and only a few pages are read concurrently.
 */
export class LogPages {
  readonly #store: Pick<RunStore, "turns">
  readonly #bounds: FanoutBounds
  readonly #cache: LRUCache<string, LogPage>
  readonly #reading = new Map<string, Promise<LogPage>>()
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
   * Returns the page at `from`, without turns at or after `end`; a promise if it isn't cached.
   *
   * @throws {StoreUnavailableError} as a rejection
   */
  get(run_id: string, from: number, end: number): LogPage | Promise<LogPage> {
    const key = keyOf(run_id, from)
    const cached = this.#cache.get(key)
    // A page that isn't full ended at the end of the log, which may have grown since.
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

  #readOnce(key: string, run_id: string, from: number, end: number): Promise<LogPage> {
    const reading = this.#read(run_id, from, end)
    this.#reading.set(key, reading)
    const done = (page?: LogPage) => {
      // If `forget` was called in the meantime, the page must not be cached.
      if (this.#reading.get(key) !== reading) return
      this.#reading.delete(key)
      if (page !== undefined && page.turns.length > 0) this.#cache.set(key, page)
    }
    reading.then(done, () => done())
    return reading
  }

  async #read(run_id: string, from: number, end: number): Promise<LogPage> {
    await this.#waitToRead()
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

  async #waitToRead(): Promise<void> {
    if (this.#reads < this.#bounds.concurrentReads) this.#reads += 1
    else await new Promise<void>((resolve) => this.#waiting.push(resolve))
  }
}

/** Cuts a page at `end`: it may have been read for a caller that knew of more turns. */
function upTo(end: number, page: LogPage): LogPage {
  const count = end - page.from
  return page.turns.length <= count ? page : { ...page, turns: page.turns.slice(0, count) }
}

function sizeOf({ turns }: LogPage): number {
  return turns.reduce((sum, turn) => sum + turn.length, 1)
}

// JSON quotes the id, so that the prefix of one run never matches the keys of another.
function keyOf(run_id: string, from: number | ""): string {
  return `${JSON.stringify(run_id)}${from}`
}
