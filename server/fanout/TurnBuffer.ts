/**
 * The newest turns of a run as JSON, without gaps: the unpublished turns and, within a size limit, earlier turns for
 * subscriptions that are behind.
 */
export class TurnBuffer {
  #start = 0
  #turns: string[] = []
  #chars = 0

  /** The index after the last turn. */
  get end(): number {
    return this.#start + this.#turns.length
  }

  get chars(): number {
    return this.#chars
  }

  /**
   * Adds turns. Ignores turns that are already buffered, and turns that would leave a gap.
   *
   * @returns the number of characters added
   */
  append(from: number, turns: readonly string[]): number {
    if (from > this.end) return 0
    const before = this.#chars
    for (const turn of turns.slice(this.end - from)) {
      this.#turns.push(turn)
      this.#chars += turn.length
    }
    return this.#chars - before
  }

  /** Returns turns from `from` up to `to`: at most `maxChars`, but at least one. Undefined if the first isn't buffered. */
  slice(from: number, to: number, maxChars: number): string[] | undefined {
    if (from < this.#start || from >= Math.min(to, this.end)) return undefined
    const turns: string[] = []
    let chars = 0
    for (const turn of this.#turns.slice(from - this.#start, to - this.#start)) {
      chars += turn.length
      if (turns.length > 0 && chars > maxChars) break
      turns.push(turn)
    }
    return turns
  }

  /** Drops the oldest turns before `index` until at most `maxChars` are left. */
  trim(index: number, maxChars: number): void {
    let count = 0
    for (const turn of this.#turns) {
      if (this.#chars <= maxChars || this.#start + count >= index) break
      this.#chars -= turn.length
      count += 1
    }
    this.#turns.splice(0, count)
    this.#start += count
  }

  /** Drops all turns. The next turn to be added has this index. */
  reset(index: number): void {
    this.#start = index
    this.#turns = []
    this.#chars = 0
  }
}
