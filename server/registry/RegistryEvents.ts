import type { Progress, RunSummary, RunTermination } from "@/lib/protocol/run"
import type { RunTurn } from "@/lib/protocol/turn"

/** A stored turn as cut for the wire, and about how long it is there. */
export type PlacedTurn = { turn: RunTurn; chars: number }

/** Turns that were stored. What of them nobody asks for is never made; to be asked for within the call that tells of them. */
export type StoredTurns = {
  readonly run_id: string
  /** The first one's index. */
  readonly from: number
  readonly count: number
  /** The run with these turns. */
  run(): RunSummary
  /** Undefined when nobody followed the run as they came: they are read from the log. */
  turns(): readonly PlacedTurn[] | undefined
}

/**
 * What the registry tells fanout, always after the store has committed it and in commit order per run.
 * Calls are synchronous and must not throw.
 */
export interface RegistryListener {
  turnsStored(stored: StoredTurns): void
  /** Whether turns of this run that come now will be asked for when they are stored. */
  follows(run_id: string): boolean
  /** A run was started, taken over, lost or regained its connection, got a cancel wish, began or ceased to wait. */
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
