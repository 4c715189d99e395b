/** The guarantees of docs/reliability.md that the fuzzer checks. T10 covers any other unexpected behavior. */
export type GuaranteeId =
  | "I3"
  | "I4"
  | "I6"
  | "I7"
  | "I8"
  | "I9"
  | "I10"
  | "I11"
  | "I12"
  | "I13"
  | "I14"
  | "I15"
  | "I16"
  | "I17"
  | "I18"
  | "I22"
  | "T10"

export class BrokenGuaranteeError extends Error {
  constructor(
    readonly id: GuaranteeId,
    reason: string,
  ) {
    super(`${id}: ${reason}`)
  }
}

/** Checks guarantees and counts how often each was checked. Vitest's `expect` is too slow for this many checks. */
export class Guarantees {
  readonly #checks = new Map<GuaranteeId, number>()

  /** Returns how often a guarantee was checked. */
  checksOf(id: GuaranteeId): number {
    return this.#checks.get(id) ?? 0
  }

  /** @throws {BrokenGuaranteeError} unless `holds` is true. */
  check(id: GuaranteeId, holds: boolean, otherwise: string): void {
    this.#checks.set(id, this.checksOf(id) + 1)
    if (!holds) throw new BrokenGuaranteeError(id, otherwise)
  }
}
