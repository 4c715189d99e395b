/** What an object and its place in a queue cost beside its JSON, roughly. */
export const TURN_OVERHEAD_BYTES = 256

/** The memory that all runs of one agent may keep waiting. Once full it opens again only at three quarters, so that it doesn't flutter. */
export class BufferBudget {
  private used = 0
  private full = false

  constructor(private readonly maxBytes: number) {}

  /** Takes room for a turn; false, with nothing taken, when there is none. Into an empty buffer a turn of any size goes. */
  take(bytes: number): boolean {
    if (!this.open) return false
    this.full = this.used > 0 && this.used + bytes > this.maxBytes
    if (this.full) return false
    this.used += bytes
    return true
  }

  /** Takes room whether there is any or not: for a note that says what was lost. */
  force(bytes: number): void {
    this.used += bytes
  }

  free(bytes: number): void {
    this.used -= bytes
  }

  /** Whether a turn may be taken now, if it is not too large. */
  get open(): boolean {
    return !this.full || this.used <= this.maxBytes * 0.75
  }
}
