/** Signals between a load process and the bench while a job runs. Either side can wait for the other's. */
export class Talk {
  readonly #received: string[] = []
  readonly #waiting = new Map<string, () => void>()

  constructor(readonly say: (word: string) => void) {}

  /** Delivers a signal from the other side. */
  receive(word: string): void {
    const waiting = this.#waiting.get(word)
    this.#waiting.delete(word)
    if (waiting) waiting()
    else this.#received.push(word)
  }

  /** Resolves once the other side has sent this signal. Each signal resolves one call. */
  received(word: string): Promise<void> {
    const at = this.#received.indexOf(word)
    if (at >= 0) {
      this.#received.splice(at, 1)
      return Promise.resolve()
    }
    return new Promise((resolve) => this.#waiting.set(word, resolve))
  }
}
