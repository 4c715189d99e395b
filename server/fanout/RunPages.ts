import type { RunStore } from "@/server/store/RunStore"
import type { FanoutBounds } from "./bounds"

/** Turns of a run from an index on, as their JSON texts. `full`: ended by its size, so that it never changes. */
export type Page = { from: number; turns: readonly string[]; bytes: number; full: boolean }

/**
 * Pages of the log. A run's turns never change, so pages are kept as texts, the least recently used going first; a page
 * is read once however many ask for it, and few reads go on at once.
 */
export class RunPages {
  readonly #store: Pick<RunStore, "turns">
  readonly #bounds: FanoutBounds
  readonly #kept = new Map<string, Page>()
  readonly #reading = new Map<string, Promise<Page>>()
  readonly #waiting: (() => void)[] = []
  #reads = 0
  #bytes = 0
  readonly stats = { read: 0, cached: 0 }

  constructor(store: Pick<RunStore, "turns">, bounds: FanoutBounds) {
    this.#store = store
    this.#bounds = bounds
  }

  /** Bytes kept. */
  get bytes(): number {
    return this.#bytes
  }

  /** The page at `from`, of no turn at `upTo` or after it; at once when it is kept. Rejects with `StoreUnavailableError`. */
  get(run_id: string, from: number, upTo: number): Page | Promise<Page> {
    const key = keyOf(run_id, from)
    const kept = this.#kept.get(key)
    // A short page is the log's end of an earlier time.
    if (kept !== undefined && (kept.full || from + kept.turns.length >= upTo)) {
      this.#kept.delete(key)
      this.#kept.set(key, kept)
      this.stats.cached += 1
      return kept
    }
    const known = this.#reading.get(key)
    if (known !== undefined) return known
    const read = this.#read(run_id, from, upTo)
    this.#reading.set(key, read)
    const done = (page?: Page) => {
      // Another read, or none after a deletion, stands in its place by now.
      if (this.#reading.get(key) !== read) return
      this.#reading.delete(key)
      if (page !== undefined) this.#keep(key, page)
    }
    read.then(done, () => done())
    return read
  }

  /** Forgets a run's pages, those being read too. */
  forget(run_id: string): void {
    const prefix = keyOf(run_id, "")
    for (const key of this.#reading.keys()) if (key.startsWith(prefix)) this.#reading.delete(key)
    for (const key of this.#kept.keys()) if (key.startsWith(prefix)) this.#drop(key)
  }

  async #read(run_id: string, from: number, upTo: number): Promise<Page> {
    await this.#turnToRead()
    try {
      const limit = upTo - from
      const { turns } = await this.#store.turns({ run_id, from, limit, maxBytes: this.#bounds.frameBytes })
      this.stats.read += 1
      const bytes = turns.reduce((sum, turn) => sum + turn.length, 0)
      return { from, turns, bytes, full: turns.length < limit }
    } finally {
      const next = this.#waiting.shift()
      if (next === undefined) this.#reads -= 1
      else next()
    }
  }

  async #turnToRead(): Promise<void> {
    if (this.#reads < this.#bounds.readsAtOnce) this.#reads += 1
    else await new Promise<void>((resolve) => this.#waiting.push(resolve))
  }

  #keep(key: string, page: Page): void {
    if (page.turns.length === 0) return
    this.#drop(key)
    this.#kept.set(key, page)
    this.#bytes += page.bytes
    for (const oldest of this.#kept.keys()) {
      if (this.#bytes <= this.#bounds.pageCacheBytes) break
      this.#drop(oldest)
    }
  }

  #drop(key: string): void {
    this.#bytes -= this.#kept.get(key)?.bytes ?? 0
    this.#kept.delete(key)
  }
}

// A JSON text ends unmistakably, so no run id is the beginning of another key.
function keyOf(run_id: string, from: number | ""): string {
  return `${JSON.stringify(run_id)}${from}`
}
