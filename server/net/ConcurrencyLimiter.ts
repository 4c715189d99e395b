/** Limits the number of resources (such as connections) that each key holds at the same time. */
export class ConcurrencyLimiter {
  readonly #held = new Map<string, number>()

  /**
   * Takes a slot for `key`.
   *
   * @param max the limit for this key; 0 means no limit.
   * @returns a function that releases the slot (safe to call twice), or undefined when all slots are taken.
   */
  acquire(key: string, max: number): (() => void) | undefined {
    if (!this.hasRoom(key, max)) return undefined
    this.#held.set(key, (this.#held.get(key) ?? 0) + 1)
    let released = false
    return () => {
      if (released) return
      released = true
      const left = (this.#held.get(key) ?? 1) - 1
      if (left > 0) this.#held.set(key, left)
      else this.#held.delete(key)
    }
  }

  /** Returns the number of slots that each key holds. */
  counts(): ReadonlyMap<string, number> {
    return this.#held
  }

  /** Returns true if `key` has a free slot. */
  hasRoom(key: string, max: number): boolean {
    return max === 0 || (this.#held.get(key) ?? 0) < max
  }
}
