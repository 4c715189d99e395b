import type { z } from "zod"
import type { DropReason, WireError } from "./codes"
import * as commands from "./commands"
import type { RunStatus } from "./enums"
import type { CancelRequested, IngestEvent, IngestNote, RegistryEvent, RunsError, TraceEvent } from "./events"
import type { RunCounts, RunRecord, RunSummary } from "./run"
import type { RunTurn, TurnOutline } from "./turn"

/** All commands of the protocol, with the schemas of their payloads. */
export const COMMANDS = {
  "runs.start": commands.startRun,
  "runs.update": commands.updateRun,
  "runs.record_turns": commands.recordTurns,
  "runs.report_progress": commands.reportProgress,
  "runs.complete": commands.completeRun,
  "runs.cancel": commands.cancelRun,
  "runs.delete": commands.deleteRun,
  "runs.subscribe": commands.subscribeRun,
  "runs.unsubscribe": commands.unsubscribeRun,
  "runs.list": commands.listRuns,
  "runs.watch": commands.listRuns,
  "runs.unwatch": commands.nothing,
  "runs.get_trace": commands.getTrace,
  "runs.get_turn": commands.getTurn,
  "runs.get_outline": commands.getOutline,
  "runs.search_turns": commands.searchTurns,
  "ingest.watch": commands.nothing,
  "ingest.unwatch": commands.nothing,
} as const

export type CommandName = keyof typeof COMMANDS
/** A parsed payload. */
export type CommandPayload<N extends CommandName> = z.output<(typeof COMMANDS)[N]>
/** A payload as sent by a client. */
export type CommandInput<N extends CommandName> = z.input<(typeof COMMANDS)[N]>

export type ListedRun = RunSummary & { hit?: { index?: number; text: string } }
/** A search hit in a turn. */
export type TurnSearchHit = {
  index: number
  /** The turn's field, or a path in it: `output`, `output.stderr`. */
  field: string
  excerpt: string
  /** Matches within the excerpt, as UTF-16 offsets: `[start, end)`. */
  ranges: [start: number, end: number][]
}
export type TurnSearchPage = {
  /** In the order of the turns. */
  hits: TurnSearchHit[]
  /** Number of hits in the run. */
  total: number
  /** False if `total` is a lower bound. */
  total_is_exact: boolean
  /** Start of the next page. */
  next?: number
}
type RunsPage = {
  runs: ListedRun[]
  next?: string
  counts: RunCounts
  /** False if a search found too many runs to verify, so that the counts may include false positives. */
  counts_are_exact?: false
  server_time: string
}

/** The reply to a successful command, without `ok: true`. */
export type CommandReplies = {
  "runs.start": {
    run_id: string
    agent_id: string
    created: boolean
    cursor: number
    status: RunStatus
    /** Only if the run has ended. */
    ended_at?: string
    /** The run's label `recorded_by`: the part of the server that writes its turns, for example `hooks`. */
    recorded_by?: string
  }
  "runs.update": { run_id: string }
  "runs.record_turns": { run_id: string; base_index: number; count: number; duplicate?: true }
  "runs.report_progress": { run_id: string }
  "runs.complete": { run_id: string; duplicate?: true }
  "runs.cancel": { run_id: string; delivered: boolean }
  "runs.delete": { run_id: string }
  "runs.subscribe": {
    run_id: string
    agent_id: string
    cursor: number
    status: RunStatus
    server_time: string
  }
  "runs.unsubscribe": { run_id: string; removed: boolean }
  "runs.list": RunsPage
  "runs.watch": RunsPage
  "runs.unwatch": { removed: boolean }
  "runs.get_trace": { run_id: string; agent_id: string; records: RunRecord[]; cursor: number; next?: number }
  "runs.get_turn": { run_id: string; turn: RunTurn }
  "runs.get_outline": { run_id: string; from: number; outline: TurnOutline[]; cursor: number }
  "runs.search_turns": { run_id: string } & TurnSearchPage
  "ingest.watch": { recent: IngestNote[] }
  "ingest.unwatch": { removed: boolean }
}

/** An error reply. `runs.record_turns` adds what happened to its batch. */
export type Refusal = {
  ok: false
  error: WireError
  run_id?: string
  base_index?: 0
  count?: 0
  dropped?: DropReason
}
export type Reply<N extends CommandName> = ({ ok: true } & CommandReplies[N]) | Refusal

/** Socket.IO event types from client to server. */
export type ClientToServerEvents = {
  [N in CommandName]: (payload: CommandInput<N>, acknowledge?: (reply: Reply<N>) => void) => void
}

/** Socket.IO event types from server to client. */
export type ServerToClientEvents = {
  "runs.trace.event": (event: TraceEvent) => void
  "runs.registry.event": (event: RegistryEvent) => void
  "runs.cancel_requested": (request: CancelRequested) => void
  "runs.error": (error: RunsError) => void
  "ingest.event": (event: IngestEvent) => void
}
