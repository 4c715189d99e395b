import type { Operation, RunKey } from "./operations"

/** What a reducer returns: its next state and the operations to carry out, in order. */
type Reduction<State> = {
  state: State
  operations: Operation[]
  /** The runs that still need the input, also those without operations yet. */
  keys?: readonly RunKey[]
  /** Runs of which nothing is known any more: what their input was kept for is over. */
  forgotten?: readonly RunKey[]
}

/**
 * A dialect: a state machine that turns foreign records into operations.
 *
 * Pure and total: no I/O, no clock, and no input makes it throw; what it can't read it skips and counts. The state
 * belongs to the reducer, which may change it in place: callers pass on the state they got and keep no other copy.
 */
export type Reducer<State, Input> = {
  initial(): State
  /** Takes in one record. `now` is the caller's clock in epoch milliseconds, read once for each record. */
  reduce(state: State, record: Input, now: number): Reduction<State>
  /** Carries out what has become due by `now`: held records, quiet runs. Dialects without deadlines leave it out. */
  advance?(state: State, now: number): Reduction<State>
  /** The earliest time at which `advance` has something to do, in epoch milliseconds; undefined: nothing is due. */
  nextDue?(state: State): number | undefined
  /** The run that a trace's records belong to, as far as known. */
  runOf?(state: State, trace: string): RunKey | undefined
}

/** Bounds of a dialect's state. */
export const DIALECT_LIMITS = {
  /** Open runs; the one that was silent longest is evicted first. */
  openKeys: 10_000,
  /** State of one run, in UTF-16 units of the text it holds. */
  bytesPerKey: 1024 * 1024,
  /** A run without records for this long is evicted. */
  idleMs: 3_600_000,
} as const
