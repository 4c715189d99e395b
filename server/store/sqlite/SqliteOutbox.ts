import type { SentTexts, TextBytes } from "./PackedBatch"
import type { Call } from "./workerProtocol"

/** The minimum number of calls that are worth a message to a busy thread. */
const ENOUGH_CALLS = 16

/** Calls that are waiting to be sent to a thread, in order. */
export class SqliteOutbox {
  readonly #texts: TextBytes | undefined
  #calls: Call[] = []
  /** The end offset of each call's texts. */
  #ends: number[] = []

  constructor(texts: TextBytes | undefined) {
    this.#texts = texts
  }

  get size(): number {
    return this.#calls.length
  }

  get hasEnough(): boolean {
    return this.#calls.length >= ENOUGH_CALLS
  }

  push(call: Call): void {
    this.#calls.push(call)
    this.#ends.push(this.#texts?.end ?? 0)
  }

  /**
   * Returns a message with the next calls: all of them or, unless `all` is true, half if there are many, so that the
   * thread and the main thread can work at the same time.
   */
  take(all: boolean): { message: { calls: Call[]; texts?: SentTexts }; transfer: ArrayBuffer[] } {
    const count = all ? this.size : Math.max(ENOUGH_CALLS, Math.ceil(this.size / 2))
    const calls = this.#calls.splice(0, count)
    const end = this.#ends.splice(0, count).at(-1) ?? 0
    const texts = this.#texts?.take(end)
    if (texts === undefined) return { message: { calls }, transfer: [] }
    return { message: { calls, texts }, transfer: [texts.bytes.buffer] }
  }

  clear(): void {
    this.#calls = []
    this.#ends = []
    this.#texts?.clear()
  }
}
