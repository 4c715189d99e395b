import type { Clock } from "@/server/platform/Clock"

const KEEP_MS = 1_000
/** A commit that takes longer counts as none: whoever asks is answered all the same. */
const WAIT_MS = 2_000

/** Whether the server can do its work: its store commits, and its pages are prepared. Asks the store once a second at most. */
export class Readiness {
  readonly #healthy: () => Promise<boolean>
  readonly #clock: Clock
  #pagesReady: boolean
  #asked: { at: number; answer: Promise<boolean> } | undefined

  constructor(parts: { healthy: () => Promise<boolean>; clock: Clock; pagesReady: boolean }) {
    this.#healthy = parts.healthy
    this.#clock = parts.clock
    this.#pagesReady = parts.pagesReady
  }

  pagesAreReady(): void {
    this.#pagesReady = true
  }

  /** What is missing, in words; undefined when all is ready. */
  async missing(): Promise<string | undefined> {
    if (!this.#pagesReady) return "The page is being prepared."
    const now = this.#clock.monotonic()
    if (this.#asked === undefined || now - this.#asked.at >= KEEP_MS)
      this.#asked = { at: now, answer: this.#ask() }
    return (await this.#asked.answer) ? undefined : "The store cannot commit."
  }

  #ask(): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = this.#clock.setTimeout(() => resolve(false), WAIT_MS)
      const answered = (healthy: boolean) => {
        this.#clock.clearTimeout(timer)
        resolve(healthy)
      }
      this.#healthy().then(answered, () => answered(false))
    })
  }
}
