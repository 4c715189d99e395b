import type { Issue, WireError } from "./codes"
import type { Progress, RunCounts, RunSummary, RunTermination, RunTotals } from "./run"
import type { RunTurn } from "./turn"
import type { RunStatus } from "./words"

/** What one `runs.trace.event` says. */
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
  /** In `snapshot` and `turns` `from + turns.length`, else the run's own. */
  cursor: number
  status: RunStatus
  /** With turns: the run's totals as of sending. */
  totals?: RunTotals
}

export type RegistryEvent = {
  upserts: RunSummary[]
  removed: string[]
  counts: RunCounts
  server_time: string
}

export type CancelRequested = { run_id: string; reason?: string; requested_at: string }

/** A failed command that had no acknowledgement, or a subscription that the server ended (`run_id` deleted). */
export type RunsError = { event: string; run_id?: string; dropped?: string; error: WireError }

/** One message that arrived, without its content. */
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
  /** The format of a message that isn't of this protocol: `otlp`, `langsmith`, … */
  dialect?: string
  /** Of such a message: its records, and how many of them became turns immediately, were context, were refused. */
  records?: number
  turns?: number
  context?: number
  refused?: number
}

export type IngestEvent = { notes: IngestNote[] }
