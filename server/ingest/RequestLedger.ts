import type { IngestStore } from "@/server/store/IngestStore"

/** The most requests deleted in one statement. */
const DELETE_BATCH = 500

/** Tracks which runs still need which stored requests. A request is deleted when its last run has ended. */
export class RequestLedger {
  readonly #store: IngestStore
  readonly #requestsOf = new Map<string, Set<number>>()
  readonly #uses = new Map<number, number>()
  #done: number[] = []
  #deleting: Promise<void> | undefined

  constructor(store: IngestStore) {
    this.#store = store
  }

  /** Stored requests that are still needed. */
  get size(): number {
    return this.#uses.size
  }

  /** Notes that a request belongs to these runs. Without any, it isn't needed. */
  add(id: number, runs: readonly string[]): void {
    if (runs.length === 0) {
      this.#drop(id)
      return
    }
    this.#uses.set(id, runs.length)
    for (const run of runs) {
      const requests = this.#requestsOf.get(run)
      if (requests === undefined) this.#requestsOf.set(run, new Set([id]))
      else requests.add(id)
    }
  }

  /** The requests of a run so far; for `release`, once its end is stored. */
  take(run: string): ReadonlySet<number> {
    const requests = this.#requestsOf.get(run) ?? new Set<number>()
    this.#requestsOf.delete(run)
    return requests
  }

  /** Forgets every request without deleting it. */
  forget(): void {
    this.#requestsOf.clear()
    this.#uses.clear()
  }

  release(requests: ReadonlySet<number>): void {
    for (const id of requests) {
      const left = (this.#uses.get(id) ?? 1) - 1
      if (left > 0) this.#uses.set(id, left)
      else {
        this.#uses.delete(id)
        this.#drop(id)
      }
    }
  }

  /** Resolves when what was due is deleted, or couldn't be: then a restart reads it once more and drops it. */
  async flush(): Promise<void> {
    while (this.#done.length > 0 || this.#deleting !== undefined) {
      this.#deleting ??= this.#delete()
      await this.#deleting
    }
  }

  #drop(id: number): void {
    this.#done.push(id)
    this.#deleting ??= this.#delete()
  }

  async #delete(): Promise<void> {
    // Collects what becomes due in the same turn of the event loop.
    await new Promise<void>((resolve) => setImmediate(resolve))
    const ids = this.#done.splice(0, DELETE_BATCH)
    try {
      await this.#store.deleteRequests(ids)
    } catch {
      // They stay until the next start, which replays them and finds their turns stored.
    }
    this.#deleting = this.#done.length > 0 ? this.#delete() : undefined
  }
}
