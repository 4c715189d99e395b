/**
 * The window is divided into this many parts. An error is forgotten together with its part, up to a sixtieth of the
 * window too late.
 */
const PARTS = 60
/** How many of the last turns are checked, however old they are, and how many of these must have failed. */
const LAST_TURNS = 20
const MIN_FAILED = 4

/** Counts errors in a time window and among the last 20 turns, in bounded memory. Times are monotonic. */
export class RecentErrors {
  readonly #partMs: number
  /** The number of errors in each part of the window, oldest first. */
  readonly #parts = new Map<number, number>()
  #count = 0
  /** One bit per turn, which is set if the turn failed. The newest turn is the lowest bit. */
  #failed = 0

  constructor(readonly windowMs: number) {
    this.#partMs = Math.max(1, windowMs / PARTS)
  }

  add(isError: boolean, nowMs: number): void {
    this.#failed = ((this.#failed << 1) | (isError ? 1 : 0)) & (2 ** LAST_TURNS - 1)
    if (!isError) return
    const part = Math.floor(nowMs / this.#partMs)
    this.#parts.set(part, (this.#parts.get(part) ?? 0) + 1)
    this.#count++
    this.#forget(nowMs)
  }

  /** Returns the number of errors in the window that ends at `nowMs`. */
  count(nowMs: number): number {
    this.#forget(nowMs)
    return this.#count
  }

  /** True if at least a fifth of the last 20 turns failed. */
  get areMany(): boolean {
    let bits = this.#failed
    let failed = 0
    for (; bits !== 0; bits &= bits - 1) failed++
    return failed >= MIN_FAILED
  }

  /** When the oldest error leaves the window; infinite without errors. */
  get nextChangeMs(): number {
    const [oldest] = this.#parts.keys()
    return oldest === undefined ? Number.POSITIVE_INFINITY : (oldest + PARTS + 1) * this.#partMs
  }

  #forget(nowMs: number): void {
    const first = Math.floor(nowMs / this.#partMs) - PARTS
    for (const [part, count] of this.#parts) {
      if (part >= first) return
      this.#parts.delete(part)
      this.#count -= count
    }
  }
}
