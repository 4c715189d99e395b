/** Words between a load process and the bench while a job runs; each side waits for the other's. */
export class Talk {
  readonly #heard: string[] = []
  readonly #waiting = new Map<string, () => void>()

  constructor(readonly say: (word: string) => void) {}

  /** Notes a word that came from the other side. */
  take(word: string): void {
    const waiting = this.#waiting.get(word)
    this.#waiting.delete(word)
    if (waiting) waiting()
    else this.#heard.push(word)
  }

  /** Resolves once the other side has said a word; each word said is heard once. */
  hear(word: string): Promise<void> {
    const at = this.#heard.indexOf(word)
    if (at >= 0) {
      this.#heard.splice(at, 1)
      return Promise.resolve()
    }
    return new Promise((resolve) => this.#waiting.set(word, resolve))
  }
}
