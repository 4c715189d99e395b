import type { Operation } from "@/lib/dialects/operations"

/** Carries out the operations of one foreign run, in order. */
export interface OperationWriter {
  /** For each queued `end`, the stored requests that can be deleted once it has been carried out. */
  readonly requests: ReadonlySet<number>[]
  push(operations: readonly Operation[]): void
  /** Returns true if the queue is empty and nothing has been added since `time`. */
  isIdleSince(time: number): boolean
  /** Stops carrying out operations. */
  close(): void
}
