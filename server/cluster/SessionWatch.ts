import type { Clock } from "@/server/platform/Clock"
import type { PostgresAccessStore } from "@/server/store/postgres/PostgresAccessStore"

const POLL_MS = 1_000
const MAX_SEEN = 10_000

type Options = { access: Pick<PostgresAccessStore, "recentlyEndedSessions">; clock: Clock }

/** Ends sessions on this node after they were signed out on another node. */
export class SessionWatch {
  readonly #options: Options
  readonly #seen = new Set<string>()
  #timer: unknown
  #isClosed = false

  constructor(options: Options) {
    this.#options = options
  }

  open(onEnd: (sha256: string) => void): void {
    if (this.#isClosed) return
    this.#timer = this.#options.clock.setTimeout(() => {
      this.#poll(onEnd)
        // If the database is unavailable, the next poll tries again.
        .catch(() => {})
        .finally(() => this.open(onEnd))
    }, POLL_MS)
  }

  close(): void {
    this.#isClosed = true
    this.#options.clock.clearTimeout(this.#timer)
  }

  async #poll(onEnd: (sha256: string) => void): Promise<void> {
    for (const sha256 of await this.#options.access.recentlyEndedSessions()) {
      if (this.#seen.has(sha256)) continue
      this.#seen.add(sha256)
      const [oldest] = this.#seen
      if (this.#seen.size > MAX_SEEN && oldest !== undefined) this.#seen.delete(oldest)
      onEnd(sha256)
    }
  }
}
