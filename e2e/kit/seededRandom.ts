/** Random numbers determined by a seed. */
export type SeededRandom = {
  readonly seed: number
  /** A number in [0, 1). */
  next(): number
  /** An integer, both ends included. */
  int(min: number, max: number): number
  /** True with this probability. */
  chance(probability: number): boolean
  pick<T>(from: readonly T[]): T
  /** Random bytes as a Buffer. */
  bytes(count: number): Buffer
  /** An independent sequence determined by this seed and the name. */
  fork(name: string): SeededRandom
}

function hashText(text: string, start: number): number {
  let hash = start ^ 0x811c9dc5
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  return hash >>> 0
}

/** Mulberry32, which is small, fast, and good enough for choosing faults. */
export function seededRandom(seed: number): SeededRandom {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = state
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
  const int = (min: number, max: number) => min + Math.floor(next() * (max - min + 1))
  return {
    seed,
    next,
    int,
    chance: (probability) => next() < probability,
    pick: (from) => {
      const picked = from[int(0, from.length - 1)]
      if (picked === undefined) throw new Error("nothing to pick from")
      return picked
    },
    bytes: (count) => Buffer.from(Array.from({ length: count }, () => int(0, 255))),
    fork: (name) => seededRandom(hashText(name, seed)),
  }
}

/** The seed of this run: FAULT_SEED if set, otherwise a new one. Printed, so that a failure can be reproduced. */
export function chooseSeed(given?: number): number {
  const seed = given ?? Number(process.env.FAULT_SEED ?? Math.floor(Math.random() * 4_294_967_296))
  process.stderr.write(`seed ${seed} (FAULT_SEED=${seed} runs it again)\n`)
  return seed
}
