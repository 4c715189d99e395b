/** The longest cycle of calls that counts as a loop. */
const MAX_CYCLE = 6

/** A cycle of `calls` calls that has been repeated `times` times without a break. */
export type Loop = { calls: number; times: number }

/** Detects whether a run repeats its calls. Only holds the last six calls. */
export class LoopDetector {
  readonly #last: number[] = []
  /** For each cycle length n: the number of calls in a row that are equal to the n-th call before them. */
  readonly #equal = new Array<number>(MAX_CYCLE).fill(0)

  /** Adds a call by its digest. */
  add(digest: number): void {
    for (let cycle = 1; cycle <= MAX_CYCLE; cycle++) {
      const isEqual = this.#last[this.#last.length - cycle] === digest
      this.#equal[cycle - 1] = isEqual ? (this.#equal[cycle - 1] ?? 0) + 1 : 0
    }
    this.#last.push(digest)
    if (this.#last.length > MAX_CYCLE) this.#last.shift()
  }

  /** Returns the shortest cycle that has occurred at least `times` times in a row, up to the last call. */
  find(times: number): Loop | undefined {
    for (let calls = 1; calls <= MAX_CYCLE; calls++) {
      const found = Math.floor((this.#equal[calls - 1] ?? 0) / calls) + 1
      if (found >= times) return { calls, times: found }
    }
    return undefined
  }
}
