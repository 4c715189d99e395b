/** Random choices that are reproducible from a seed. */
export type SeededRandom = {
  /** Returns a number in [0, 1). */
  next(): number
  /** Returns an integer in [0, below). */
  below(below: number): number
  /** Returns true with the given probability. */
  chance(probability: number): boolean
  pick<T>(items: readonly T[]): T
}

/** Creates random choices from a seed (mulberry32). */
export function seededRandom(seed: number): SeededRandom {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (limit: number) => Math.floor(next() * limit)
  return {
    next,
    below,
    chance: (probability) => next() < probability,
    pick<T>(items: readonly T[]): T {
      const item = items[below(items.length)]
      if (item === undefined) throw new Error("Nothing to pick from.")
      return item
    },
  }
}
