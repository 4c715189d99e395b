import type { Operation } from "@/lib/dialects/operations"

/** Carries out the operations of one foreign run, in order. */
export interface OperationWriter {
  /** For each pending `end`, the stored requests that can be deleted once it is done. */
  readonly requests: ReadonlySet<number>[]
  push(operations: readonly Operation[]): void
  /** Whether nothing waits and nothing came since a time. */
  isIdleSince(time: number): boolean
  /** Carries out nothing more. */
  close(): void
}
