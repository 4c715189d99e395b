/** Throws unless something holds. Vitest's `expect` costs more than what a fuzz checks hundreds of thousands of times. */
export function ensure(holds: boolean, otherwise: string): void {
  if (!holds) throw new Error(otherwise)
}
