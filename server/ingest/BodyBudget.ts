import { IngestError } from "./IngestError"

const RETRY_AFTER_SECONDS = 5

/**
 * Bounds what the bodies of all requests take in memory together. As sent, they share `maxBytes`: what would go beyond is
 * refused with 503, and exporters send it again. A body is many times larger once it is unpacked and read, so bodies
 * that are or may be large take turns.
 */
export class BodyBudget {
  readonly #maxBytes: number
  #bytes = 0
  #last: Promise<void> = Promise.resolve()

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /** Bytes of the bodies that are being read or handled. */
  get bytes(): number {
    return this.#bytes
  }

  /**
   * Counts a piece of a body.
   *
   * @throws {IngestError} 503 when there is no room for it. It isn't counted then.
   */
  add(bytes: number): void {
    if (this.#bytes + bytes > this.#maxBytes)
      throw new IngestError(503, "The server is overloaded. Try again later.", RETRY_AFTER_SECONDS)
    this.#bytes += bytes
  }

  remove(bytes: number): void {
    this.#bytes -= bytes
  }

  /** Waits until it is one's turn. Returns a function that ends the turn (safe to call twice). */
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
