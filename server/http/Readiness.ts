import type { Clock } from "@/server/platform/Clock"

const CACHE_MS = 1_000
/** A commit slower than this counts as a failure, so that health checks always get a response. */
const TIMEOUT_MS = 2_000

/** Checks if the server is ready: its store can commit (checked at most once a second) and its pages are loaded. */
export class Readiness {
  readonly #healthy: () => Promise<boolean>
  readonly #clock: Clock
  #pagesReady: boolean
  #lastCheck: { at: number; result: Promise<boolean> } | undefined

  constructor(options: { healthy: () => Promise<boolean>; clock: Clock; pagesReady: boolean }) {
    this.#healthy = options.healthy
    this.#clock = options.clock
    this.#pagesReady = options.pagesReady
  }

  markPagesReady(): void {
    this.#pagesReady = true
  }

  /** Returns a message about what isn't ready; undefined if everything is ready. */
  async problem(): Promise<string | undefined> {
    if (!this.#pagesReady) return "The pages are still loading."
    const now = this.#clock.monotonic()
    if (this.#lastCheck === undefined || now - this.#lastCheck.at >= CACHE_MS)
      this.#lastCheck = { at: now, result: this.#checkStore() }
    return (await this.#lastCheck.result) ? undefined : "The store can't commit."
  }

  #checkStore(): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = this.#clock.setTimeout(() => resolve(false), TIMEOUT_MS)
      const finish = (healthy: boolean) => {
        this.#clock.clearTimeout(timer)
        resolve(healthy)
      }
      this.#healthy().then(finish, () => finish(false))
    })
  }
}
