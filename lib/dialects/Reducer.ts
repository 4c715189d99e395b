import type { Operation, RunKey } from "./operations"

/** What a reducer returns: its next state and the operations to carry out, in order. */
type Reduction<State> = {
  state: State
  operations: Operation[]
  /** The runs that still need the input, including runs without operations so far. */
  keys?: readonly RunKey[]
  /** Runs that the reducer has dropped. Input stored for them is no longer needed. */
  forgotten?: readonly RunKey[]
  /** Runs that lost part of their state because it was too large. Each has a turn that records the loss. */
  reduced?: readonly RunKey[]
}

/**
 * A dialect: a state machine that turns foreign records into operations.
 *
 * Pure and total: no I/O, no clock, and no input makes it throw. Input that can't be read is skipped and counted. The
 * reducer owns the state and may change it in place, so callers always pass the state they received last.
 */
export type Reducer<State, Input> = {
  initial(): State
  /** Processes one record. `now` is the caller's clock in epoch milliseconds, read once for each record. */
  reduce(state: State, record: Input, now: number): Reduction<State>
  /** Processes what has become due by `now`: held records, quiet runs. Absent in dialects without deadlines. */
  advance?(state: State, now: number): Reduction<State>
  /** Returns when `advance` must be called next, in epoch milliseconds, or undefined if nothing is due. */
  nextDue?(state: State): number | undefined
  /** Returns the run that a trace's records belong to, if known. */
  runOf?(state: State, trace: string): RunKey | undefined
  /** Returns an approximate upper bound of the state's size, see `sizeOf`. */
  size?(state: State): number
  /** Measures the runs that seem largest, so that `size` becomes more accurate. */
  measure?(state: State): void
  /** Forgets the run that has been silent longest, to free memory. Returns undefined if there is none. */
  evict?(state: State, now: number): Reduction<State> | undefined
}

/** Bounds of a dialect's state. */
export const DIALECT_LIMITS = {
  /** Maximum number of open runs. Beyond it, the run that has been silent longest is evicted. */
  openKeys: 10_000,
  /** Maximum size of the state of one run, as measured by `sizeOf`. */
  bytesPerKey: 4 * 1024 * 1024,
  /** A run without records for this long is evicted. */
  idleMs: 3_600_000,
} as const
