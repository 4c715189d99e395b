import type { Progress, RunSummary, RunTermination } from "@/lib/protocol/run"

/** Turns that were stored. `run` and `turns` may only be called during the call that publishes them. */
export type StoredTurns = {
  readonly run_id: string
  /** The index of the first turn. */
  readonly from: number
  readonly count: number
  /** Returns the run's summary, including these turns. */
  run(): RunSummary
  /**
   * Returns the turns as JSON, exactly as the store returns them. Undefined if nobody followed the run when the turns
   * arrived.
   */
  turns(): readonly string[] | undefined
}

/**
 * Receives the registry's changes after the store has committed them. The changes of each run arrive in commit order.
 * Calls are synchronous and must not throw.
 */
export interface RegistryListener {
  turnsStored(stored: StoredTurns): void
  /** Returns true if this listener will need the turns of this run when they are stored. */
  follows(run_id: string): boolean
  /** Called when a run's summary has changed for a reason other than turns, progress or the run's end. */
  runChanged(run: RunSummary): void
  progressChanged(run: RunSummary, progress: Progress | null): void
  runEnded(run: RunSummary, termination: RunTermination): void
  runDeleted(run_id: string): void
}

/** A connection or another part of the server that writes runs. */
export interface RunOwner {
  /** Unique across nodes and restarts. */
  readonly id: string
  readonly client_id: string
  /** Sends a viewer's cancellation request to the agent. */
  requestCancel(request: { run_id: string; reason?: string; requested_at: string }): void
  /**
   * Closes the connection, so that its client reconnects and takes over its runs explicitly. Undefined for owners
   * without a connection, such as ingest, whose writes are never fenced.
   */
  disconnect?(reason: string): void
}
