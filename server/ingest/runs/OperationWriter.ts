import type { Operation } from "@/lib/dialects/operations"

/** Carries out the operations of one foreign run, in order. */
export interface OperationWriter {
  /** For each `end` that waits, the stored requests that are no longer needed once it is carried out. */
  readonly requests: ReadonlySet<number>[]
  push(operations: readonly Operation[]): void
  /** Whether nothing waits and nothing came since a time. */
  isIdleSince(time: number): boolean
  /** Carries out nothing more. */
  close(): void
}
