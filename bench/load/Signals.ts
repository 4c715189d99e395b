/** Signals between a load process and the benchmark while a job runs. Each side can wait for the other's signals. */
export class Signals {
  readonly #received: string[] = []
  readonly #waiting = new Map<string, () => void>()

  constructor(readonly send: (word: string) => void) {}

  /** Handles a signal from the other side. */
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
