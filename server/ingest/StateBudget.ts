import type { Due, OpenDialect } from "./ForeignDialect"

/** A dialect and the size of its state when it was last measured. */
type Holder = { dialect: Pick<OpenDialect, "size" | "measure" | "evict">; held: number }

/** Eviction reduces the size to this fraction of the limit, so that the next request doesn't exceed the limit again. */
const KEPT_RATIO = 0.9

/** Limits the total size of the state of all tokens' dialects. */
export class StateBudget {
  readonly #maxSize: number
  #held = 0

  constructor(maxSize: number) {
    this.#maxSize = maxSize
  }

  /** An upper estimate of the total size, in UTF-16 code units of text. */
  get held(): number {
    return this.#held
  }

  /** Measures a dialect. Call this after its state has changed. */
  measure(holder: Holder): void {
    const held = holder.dialect.size()
    this.#held += held - holder.held
    holder.held = held
  }

  /** Resets the total size to 0, for when all dialects have been discarded. */
  clear(): void {
    this.#held = 0
  }

  /**
   * If the total size exceeds the limit, evicts runs one after the other. Each time, chooses the dialect with the
   * largest state, and its run that has had no new records for the longest time. The caller must process the results.
   */
  *makeRoom<H extends Holder>(holders: readonly H[], now: number): Generator<{ source: H; due: Due }> {
    if (this.#held <= this.#maxSize) return
    for (const holder of holders) {
      holder.dialect.measure()
      this.measure(holder)
    }
    while (this.#held > this.#maxSize * KEPT_RATIO) {
      const source = holders.reduce((most, holder) => (holder.held > most.held ? holder : most))
      const due = source.dialect.evict(now)
      if (due === undefined) return
      this.measure(source)
      yield { source, due }
    }
  }
}
