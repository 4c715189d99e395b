/** Approximate memory of a queued turn in addition to its JSON, bytes. */
export const TURN_OVERHEAD_BYTES = 256

/** After filling up, the budget accepts turns again once it is down to three quarters, to avoid flapping. */
const REOPEN_RATIO = 0.75

/** The memory budget for queued turns, shared by all runs of an agent. */
export class BufferBudget {
  private used = 0
  private isFull = false

  constructor(private readonly maxBytes: number) {}

  /** Reserves memory. Returns false if the budget is exhausted. An empty buffer accepts a turn of any size. */
  take(bytes: number): boolean {
    if (!this.isOpen) return false
    this.isFull = this.used > 0 && this.used + bytes > this.maxBytes
    if (this.isFull) return false
    this.used += bytes
    return true
  }

  /** Reserves memory even beyond the limit. For notes about dropped turns. */
  force(bytes: number): void {
    this.used += bytes
  }

  /** Releases reserved memory. */
  release(bytes: number): void {
    this.used -= bytes
  }

  /** True if a turn of moderate size would be accepted. */
  get isOpen(): boolean {
    return !this.isFull || this.used <= this.maxBytes * REOPEN_RATIO
  }
}
