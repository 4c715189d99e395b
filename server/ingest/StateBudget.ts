import type { Due, OpenDialect } from "./ForeignDialect"

/** A dialect that holds state, and about how much, as last measured. */
type Holder = { dialect: Pick<OpenDialect, "size" | "measure" | "evict">; held: number }

/** Some more room is made than is needed, so that the next request doesn't need it again. */
const KEPT_RATIO = 0.9

/** Bounds what the dialects of all tokens hold together. */
export class StateBudget {
  readonly #maxSize: number
  #held = 0

  constructor(maxSize: number) {
    this.#maxSize = maxSize
  }

  /** About how much all hold, at most, in UTF-16 units of text. */
  get held(): number {
    return this.#held
  }

  /** Call after a dialect's state has changed. */
  measure(holder: Holder): void {
    const held = holder.dialect.size()
    this.#held += held - holder.held
    holder.held = held
  }

  /** Nothing is held any more. */
  clear(): void {
    this.#held = 0
  }

  /** If all hold too much, the one that holds most loses the runs that were silent longest. The caller carries out what that leads to. */
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
