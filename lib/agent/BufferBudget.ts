/** What an object and its place in a queue cost beside its JSON, roughly. */
export const TURN_OVERHEAD_BYTES = 256

/** The memory that all runs of one agent may keep waiting. Once full it opens again only at three quarters, so that it doesn't flutter. */
export class BufferBudget {
  private used = 0
  private full = false

  constructor(private readonly maxBytes: number) {}

  get bytes(): number {
    return this.used
  }

  /** Takes room for a turn; false, with nothing taken, when there is none. */
  take(bytes: number): boolean {
    if (this.full || this.used + bytes > this.maxBytes) {
      this.full = true
      return false
    }
    this.used += bytes
    return true
  }

  /** Takes room whether there is any or not: for a note that says what was lost. */
  force(bytes: number): void {
    this.used += bytes
  }

  free(bytes: number): void {
    this.used -= bytes
    if (this.used <= this.maxBytes * 0.75) this.full = false
  }

  /** Whether a turn may be taken now. */
  get open(): boolean {
    return !this.full
  }
}
