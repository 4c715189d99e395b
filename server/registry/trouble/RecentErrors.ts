/** The window is counted in this many parts, so an error leaves it up to a sixtieth of its length late. */
const PARTS = 60
/** How many of the last turns count, however old they are, and how many failed ones are too many. */
const LAST_TURNS = 20
const MAX_FAILED = 4

/** Counts the errors in a window of time and among the last 20 turns. Its memory is bounded. Times are of the clock that never jumps. */
export class RecentErrors {
  readonly #partMs: number
  /** Errors by the part of time in which they came, oldest first. */
  readonly #parts = new Map<number, number>()
  #count = 0
  /** One bit per turn, the newest the lowest. */
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

  /** Errors in the window that ends now. */
  count(nowMs: number): number {
    this.#forget(nowMs)
    return this.#count
  }

  /** True if at least a fifth of the last 20 turns failed. */
  get areMany(): boolean {
    let bits = this.#failed
    let failed = 0
    for (; bits !== 0; bits &= bits - 1) failed++
    return failed >= MAX_FAILED
  }

  /** When the oldest error leaves the window; infinite without errors in it. */
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
