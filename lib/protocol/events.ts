import type { Issue, WireError } from "./codes"
import type { RunStatus } from "./enums"
import type { Progress, RunCounts, RunSummary, RunTermination, RunTotals } from "./run"
import type { RunTurn } from "./turn"

/** The content of a `runs.trace.event`. */
export type TraceRecord =
  | {
      record: "snapshot"
      run: RunSummary
      from: number
      turns: RunTurn[]
      more: boolean
      progress?: Progress
    }
  | { record: "turns"; from: number; turns: RunTurn[] }
  | { record: "run"; run: RunSummary }
  | { record: "progress"; index: number; progress: Progress | null }
  | { record: "ended"; run: RunSummary; termination: RunTermination }

export type TraceEvent = {
  run_id: string
  agent_id: string
  record: TraceRecord
  /** In `snapshot` and `turns`: `from + turns.length`. In other records: the run's cursor. */
  cursor: number
  status: RunStatus
  /** The run's totals when the event was sent. Only present in events with turns. */
  totals?: RunTotals
}

export type RegistryEvent = {
  upserts: RunSummary[]
  removed: string[]
  counts: RunCounts
  /** As in the reply to `runs.list`. */
  counts_are_exact?: false
  server_time: string
}

export type CancelRequested = { run_id: string; reason?: string; requested_at: string }

/** A command that failed and had no acknowledgement, or a subscription that the server ended (`run_id` was deleted). */
export type RunsError = { event: string; run_id?: string; dropped?: string; error: WireError }

/** One request that reached the server, without its content. */
export type IngestNote = {
  at: string
  event: string
  agent_id?: string
  run_id?: string
  bytes: number
  ok: boolean
  code?: string
  message?: string
  issues?: Issue[]
  /** The format of a request in another protocol: `otlp`, `langsmith`, … */
  dialect?: string
  /**
   * In such a request: the number of records, and how many of them became turns immediately, were context, or were
   * refused.
   */
  records?: number
  turns?: number
  context?: number
  refused?: number
}

export type IngestEvent = { notes: IngestNote[] }
