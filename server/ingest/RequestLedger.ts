import type { IngestStore } from "@/server/store/IngestStore"

/** The maximum number of requests deleted in one statement. */
const DELETE_BATCH = 500

/** Tracks which runs still need which stored requests. A request is deleted when its last run has ended. */
export class RequestLedger {
  readonly #store: IngestStore
  readonly #requestsOf = new Map<string, Set<number>>()
  readonly #uses = new Map<number, number>()
  readonly #held: { id: number; until: number }[] = []
  #done: number[] = []
  #deleting: Promise<void> | undefined

  constructor(store: IngestStore) {
    this.#store = store
  }

  /** The number of stored requests that are still needed. */
  get size(): number {
    return this.#uses.size
  }

  /** Records that a request belongs to these runs. If there are none, the request is deleted. */
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

  /** True if any request is held until a deadline. */
  get isHolding(): boolean {
    return this.#held.length > 0
  }

  /** Holds a request without runs until a deadline. Held requests are dropped in the order in which they were added. */
  hold(id: number, until: number): void {
    this.#uses.set(id, 1)
    this.#held.push({ id, until })
  }

  /** Deletes held requests whose deadline has passed. */
  dropHeld(now: number): void {
    while ((this.#held[0]?.until ?? Number.POSITIVE_INFINITY) <= now) {
      const held = this.#held.shift()
      if (held !== undefined) this.release(new Set([held.id]))
    }
  }

  /** Removes and returns a run's requests so far. Pass them to `release` once the run's end is stored. */
  take(run: string): ReadonlySet<number> {
    const requests = this.#requestsOf.get(run) ?? new Set<number>()
    this.#requestsOf.delete(run)
    return requests
  }

  /** Forgets all requests without deleting them. */
  forget(): void {
    this.#requestsOf.clear()
    this.#uses.clear()
    this.#held.length = 0
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

  /** Resolves when requests that are no longer needed are deleted, or deleting them has failed. */
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
    // Waits for further requests in the same iteration of the event loop.
    await new Promise<void>((resolve) => setImmediate(resolve))
    const ids = this.#done.splice(0, DELETE_BATCH)
    try {
      await this.#store.deleteRequests(ids)
    } catch {
      // The requests stay in the store until the next start. They are then replayed, their turns are found to be
      // stored, and they are deleted.
    }
    this.#deleting = this.#done.length > 0 ? this.#delete() : undefined
  }
}
