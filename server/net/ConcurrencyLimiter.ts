/** Counts who has how many of what there is a bound for: connections of an address or a token. */
export class ConcurrencyLimiter {
  readonly #taken = new Map<string, number>()

  /** Takes a place for `who`; how to give it back (once), or undefined when `most` are taken. 0: no bound. */
  take(who: string, most: number): (() => void) | undefined {
    if (!this.hasRoom(who, most)) return undefined
    this.#taken.set(who, (this.#taken.get(who) ?? 0) + 1)
    let given = false
    return () => {
      if (given) return
      given = true
      const left = (this.#taken.get(who) ?? 1) - 1
      if (left > 0) this.#taken.set(who, left)
      else this.#taken.delete(who)
    }
  }

  /** Whether there is a place left for `who`. */
  hasRoom(who: string, most: number): boolean {
    return most === 0 || (this.#taken.get(who) ?? 0) < most
  }
}
