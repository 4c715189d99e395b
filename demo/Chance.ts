/** Seeded random choices: the same seed gives the same choices. Each agent has its own stream. */
export class Chance {
  private state: number

  constructor(seed: number) {
    this.state = seed >>> 0
  }

  /** Derives a stream from this stream's current state and a name. Doesn't advance this stream. */
  fork(name: string): Chance {
    let hash = this.state ^ 0x9e3779b9
    for (const letter of name) hash = Math.imul(hash ^ (letter.codePointAt(0) ?? 0), 0x01000193)
    return new Chance(hash)
  }

  /** A number in [0, 1). */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(this.state ^ (this.state >>> 15), this.state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }

  /** A whole number from `from` to `to`, both included. */
  whole(from: number, to: number): number {
    return from + Math.floor(this.next() * (to - from + 1))
  }

  /** A number from `from` to `to`, skewed towards small ones like real durations. */
  skewed(from: number, to: number): number {
    return from + this.next() ** 2.5 * (to - from)
  }

  maybe(probability: number): boolean {
    return this.next() < probability
  }

  pick<T>(items: readonly [T, ...T[]] | readonly T[]): T {
    const item = items[Math.floor(this.next() * items.length)]
    if (item === undefined) throw new Error("nothing to pick from")
    return item
  }

  /** `count` distinct items in random order. */
  some<T>(items: readonly T[], count: number): T[] {
    const left = [...items]
    const taken: T[] = []
    while (taken.length < count && left.length > 0)
      taken.push(...left.splice(this.whole(0, left.length - 1), 1))
    return taken
  }

  /** A hexadecimal id, like those of commits and requests. */
  hex(length: number): string {
    return Array.from({ length }, () => this.whole(0, 15).toString(16)).join("")
  }
}
