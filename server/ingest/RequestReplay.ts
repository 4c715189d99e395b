import type { Clock } from "@/server/platform/Clock"
import type { IngestStore, StoredRequest } from "@/server/store/IngestStore"
import { StoreUnavailableError } from "@/server/store/RunStore"

/** How often to look for requests of nodes that are gone. */
const ADOPT_MS = 5_000
const PAGE = { limit: 200, maxBytes: 16 * 1024 * 1024 }

type ReplayParts = {
  store: IngestStore
  clock: Clock
  /** Processes one request. Must not throw. */
  replay(request: StoredRequest): void
  logError(error: unknown): void
}

/** Replays stored requests: all of this node's at the start, and later those of nodes that are gone. */
export class RequestReplay {
  readonly #parts: ReplayParts
  /** Requests claimed from other nodes that haven't been replayed yet. */
  readonly #claimed = new Set<number>()
  /** Increased by `forget`, which ends a replay in progress. */
  #generation = 0
  #timer: unknown
  #isClosed = false

  constructor(parts: ReplayParts) {
    this.#parts = parts
  }

  /** Replays all of this node's requests, and starts looking for requests of other nodes. */
  async open(): Promise<void> {
    await this.#replayAll()
    await this.#adoptAbandoned()
  }

  /** Ends a replay in progress. */
  forget(): void {
    this.#generation++
    this.#claimed.clear()
  }

  close(): void {
    this.#isClosed = true
    this.#parts.clock.clearTimeout(this.#timer)
  }

  async #replayAll(among?: readonly number[]): Promise<void> {
    const { store, replay } = this.#parts
    const generation = this.#generation
    for (let after = 0; ; ) {
      const page = await store.listRequests({ after, ...PAGE, ...(among !== undefined && { among }) })
      if (page.length === 0 || generation !== this.#generation) return
      for (const request of page) {
        replay(request)
        after = request.id
        if (among !== undefined) this.#claimed.delete(request.id)
      }
    }
  }

  /** Replays requests that other nodes had accepted before they stopped, now and every few seconds. */
  async #adoptAbandoned(): Promise<void> {
    const { store, clock } = this.#parts
    if (store.claimAbandoned === undefined || this.#isClosed) return
    try {
      for (const id of await store.claimAbandoned()) this.#claimed.add(id)
      if (this.#claimed.size > 0) await this.#replayAll([...this.#claimed])
      this.#claimed.clear()
    } catch (error) {
      // If the database is unavailable, the requests are claimed the next time.
      if (!(error instanceof StoreUnavailableError)) this.#parts.logError(error)
    }
    this.#timer = clock.setTimeout(() => void this.#adoptAbandoned(), ADOPT_MS)
  }
}
