import type { Progress, RunSummary, RunTermination } from "@/lib/protocol/run"

/** Turns that were stored. Summary and turns are made on demand, which must be during the call that publishes them. */
export type StoredTurns = {
  readonly run_id: string
  /** The first one's index. */
  readonly from: number
  readonly count: number
  /** The run with these turns. */
  run(): RunSummary
  /** As JSON, exactly as the store returns them. Undefined if nobody followed the run when they arrived. */
  turns(): readonly string[] | undefined
}

/**
 * What the registry tells fanout, always after the store has committed it and in commit order per run.
 * Calls are synchronous and must not throw.
 */
export interface RegistryListener {
  turnsStored(stored: StoredTurns): void
  /** Whether turns of this run that come now will be asked for when they are stored. */
  follows(run_id: string): boolean
  /** A run was started, taken over, lost or regained its connection, got a cancel request, began or ceased to wait. */
  runChanged(run: RunSummary): void
  progressChanged(run: RunSummary, progress: Progress | null): void
  runEnded(run: RunSummary, termination: RunTermination): void
  runDeleted(run_id: string): void
}

/** A connection that writes, as the registry sees it. */
export interface RunOwner {
  /** Unique over all nodes and restarts. */
  readonly id: string
  readonly client_id: string
  /** Tells the owner that a viewer asked for a cancel. */
  requestCancel(request: { run_id: string; reason?: string; requested_at: string }): void
  /**
   * Closes the connection, so that its client reconnects and takes its runs over explicitly. Absent for an owner without a
   * connection, as ingest is: no client of it can be late, so its writes are never fenced.
   */
  disconnect?(reason: string): void
}
