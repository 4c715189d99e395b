import { IngestError } from "./IngestError"

const RETRY_AFTER_SECONDS = 5

/**
 * Limits the memory for the bodies of all requests. The total size of the bodies, as sent, is at most `maxBytes`:
 * further bodies are refused with 503, and exporters send them again later. A body is many times larger once it is
 * unpacked and parsed, so bodies that are large, or may be, are handled one after the other.
 */
export class BodyBudget {
  readonly #maxBytes: number
  #bytes = 0
  #last: Promise<void> = Promise.resolve()

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /** The total size of the bodies that are being read or handled, as sent. */
  get bytes(): number {
    return this.#bytes
  }

  /**
   * Counts a chunk of a body.
   *
   * @throws {IngestError} 503 if the total would exceed the limit. The chunk isn't counted then.
   */
  add(bytes: number): void {
    if (this.#bytes + bytes > this.#maxBytes)
      throw new IngestError(503, "The server is overloaded. Try again later.", RETRY_AFTER_SECONDS)
    this.#bytes += bytes
  }

  remove(bytes: number): void {
    this.#bytes -= bytes
  }

  /** Waits until it is the caller's turn. Returns a function that ends the turn; a second call has no effect. */
  async turn(): Promise<() => void> {
    const before = this.#last
    let end: () => void = () => {}
    this.#last = new Promise((resolve) => {
      end = resolve
    })
    await before
    return end
  }
}
