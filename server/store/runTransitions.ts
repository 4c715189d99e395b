import { isDeepStrictEqual } from "node:util"
import { matchesAgent } from "@/lib/protocol/access"
import { LIMITS } from "@/lib/protocol/limits"
import type { AgentOutcome, LastError, RunTermination, RunTotals } from "@/lib/protocol/run"
import { addTotals, noTotals } from "@/lib/trace/turnTotals"
import type {
  AppendBatch,
  EncodedTurn,
  ImportFinish,
  NewRun,
  RunChanges,
  RunRow,
  StoreRefusal,
} from "./RunStore"

/**
 * The result of a state transition of a run: its next row, or a refusal. All stores share the transitions, which are
 * pure functions.
 */
export type Transition = { ok: true; row: RunRow } | StoreRefusal

export const NOT_FOUND: StoreRefusal = { ok: false, code: "not_found" }

export const NO_TOTALS: RunTotals = noTotals()

/** Returns the row of a new run. */
export function startedRow(
  { idempotency_key: _key, writer: _writer, ...run }: NewRun,
  childCount: number,
): RunRow {
  return { ...run, status: "in_progress", cursor: 0, child_count: childCount, totals: NO_TOTALS }
}

/** Returns the row with a new, connected owner. Reopens an incomplete run, but doesn't change a completed one. */
export function takenOver(row: RunRow, owner: string, at: string): RunRow {
  if (row.status === "incomplete") return reopened(row, owner, at)
  if (row.status === "completed") return row
  return connectedTo(row, owner)
}

/** Returns the row of a run in progress with a connected owner. */
function connectedTo(row: RunRow, owner: string): RunRow {
  if (row.owner === owner && row.disconnected_at === undefined) return row
  const { disconnected_at: _, ...rest } = row
  return { ...rest, owner }
}

/** Returns true if new turns or an outcome can reopen an ended run: it is incomplete, or its end was only inferred. */
function canReopen({ status, termination }: RunRow): boolean {
  return status === "incomplete" || (termination?.kind === "outcome" && termination.inferred === true)
}

/** Returns the row of an ended run after its agent has reopened it. */
function reopened(row: RunRow, owner: string, at: string): RunRow {
  const { termination, ended_at, retained_from: _, disconnected_at, ...rest } = row
  const next: RunRow = { ...rest, status: "in_progress", owner, reopenings: (row.reopenings ?? 0) + 1 }
  // An inferred end was a mistake, not an interruption.
  if (termination?.kind !== "incomplete") return next
  const from = disconnected_at ?? ended_at ?? at
  const interruptions = [...(row.interruptions ?? []), { from, to: notBefore(at, from) }]
  return { ...next, interruptions: interruptions.slice(-LIMITS.interruptions) }
}

/** Returns the row of a run that another run continues. Ignores a run that claims to continue itself. */
export function continuedBy(row: RunRow, run_id: string): RunRow {
  return row.run_id === run_id ? row : { ...row, continued_by: { run_id } }
}

/** How many of the runs that continue an imported run are considered for its `continued_by`, the newest first. */
export const CONTINUATIONS = 100

/**
 * Returns the row of an imported run that other runs already continue. `later`: these runs, the newest first. Uses the
 * first one that `writer` may write, so that nobody can link a run to another agent's run.
 */
export function continuedByOneOf(
  row: RunRow,
  later: readonly Pick<RunRow, "run_id" | "agent_id">[],
  writer: readonly string[],
): RunRow {
  const newest = later.find(({ agent_id }) => matchesAgent(writer, agent_id))
  return newest === undefined ? row : continuedBy(row, newest.run_id)
}

/** Returns the row with changed descriptive fields, or a refusal. */
export function updated(row: RunRow, { owner, changes }: { owner: string; changes: RunChanges }): Transition {
  if (row.status !== "in_progress") return { ok: false, code: "already_terminal", row }
  const { labels: changedLabels = {}, ...fields } = changes
  const labels = { ...row.labels }
  for (const [key, value] of Object.entries(changedLabels)) {
    if (value === "") delete labels[key]
    // Defines the property instead of assigning it, so that a label named `__proto__` stays data.
    else Object.defineProperty(labels, key, { value, enumerable: true, configurable: true, writable: true })
  }
  if (Object.keys(labels).length > LIMITS.labels) return { ok: false, code: "too_large", row }
  return { ok: true, row: { ...connectedTo(row, owner), ...fields, labels } }
}

/** Returns the row after a batch, or a refusal. The caller must have checked the batch's key. */
export function appended(row: RunRow, batch: AppendBatch, added: RunTotals): Transition {
  const { owner, recorded_at, maxTurns, expected_index } = batch
  const growth = { owner, recorded_at, maxTurns, expected_index, error: newestError(batch.turns) }
  return grown(row, growth, batch.turns.length, added)
}

/** The last failed turn of a batch: its position in the batch, and the first line of its error. */
export type BatchError = { at: number; text: string }

/** Returns the last failed turn of a batch; undefined if none failed. */
export function newestError(turns: readonly EncodedTurn[]): BatchError | undefined {
  for (let at = turns.length - 1; at >= 0; at--) {
    const text = turns[at]?.error
    if (text !== undefined) return { at, text }
  }
  return undefined
}

/** Like `appended`, for a batch given by its number of turns and their totals. */
export function grown(
  row: RunRow,
  batch: {
    owner: string
    recorded_at: string
    maxTurns: number
    expected_index?: number | undefined
    error?: BatchError | undefined
  },
  count: number,
  added: RunTotals,
): Transition {
  const isEnded = row.status !== "in_progress"
  if (isEnded && !canReopen(row)) return { ok: false, code: "already_terminal", row }
  if (batch.expected_index !== undefined && batch.expected_index !== row.cursor) {
    return { ok: false, code: "index_conflict", row }
  }
  const cursor = row.cursor + count
  if (cursor > batch.maxTurns) return { ok: false, code: "too_large", row }
  const totals = addTotals(row.totals, added)
  const next = isEnded ? reopened(row, batch.owner, batch.recorded_at) : connectedTo(row, batch.owner)
  const last_turn_at = notBefore(batch.recorded_at, row.last_turn_at)
  const grownRow: RunRow = { ...next, cursor, totals, last_turn_at }
  if (batch.error === undefined) return { ok: true, row: grownRow }
  const { at, text } = batch.error
  const last_error: LastError = { text, index: row.cursor + at, at: last_turn_at }
  return { ok: true, row: { ...grownRow, last_error } }
}

/**
 * Returns the row of a run that its agent has ended, or a refusal. Repeating the outcome doesn't change the row. An
 * incomplete run is reopened first.
 */
export function completed(
  row: RunRow,
  end: { owner: string; outcome: AgentOutcome; ended_at: string; inferred?: boolean },
): Transition & { duplicate?: boolean } {
  const outcome: AgentOutcome = JSON.parse(JSON.stringify(end.outcome))
  const known = row.termination
  if (known?.kind === "outcome") {
    const isSame = isDeepStrictEqual(known.outcome, outcome)
    // Reporting an end that was only inferred before isn't a duplicate.
    if (isSame && (known.inferred !== true || end.inferred === true))
      return { ok: true, row, duplicate: true }
    if (!canReopen(row)) return { ok: false, code: "already_terminal", row }
  }
  const open =
    row.status === "in_progress" ? connectedTo(row, end.owner) : reopened(row, end.owner, end.ended_at)
  const inferred = end.inferred === true ? { inferred: true as const } : {}
  const termination: RunTermination = { kind: "outcome", outcome, ...inferred }
  return { ok: true, row: endedRow(open, "completed", termination, end.ended_at, outcome.timestamp) }
}

/** Returns the row of a run whose owner didn't return, or a refusal if it has ended or has another owner. */
export function abandoned(row: RunRow, end: { owner: string; ended_at: string }): Transition {
  if (row.status !== "in_progress") return { ok: false, code: "already_terminal", row }
  if (row.owner !== end.owner) return { ok: false, code: "forbidden", row }
  const termination: RunTermination = { kind: "incomplete", reason: "disconnected" }
  return { ok: true, row: endedRow(row, "incomplete", termination, end.ended_at) }
}

/** The prefix of the `owner` of a run that is being imported. */
export const IMPORT_OWNER = "import/"

/** Returns true if a run is being imported, or if its import was interrupted. */
export function isUnfinishedImport({ status, owner, imported }: RunRow): boolean {
  return status === "in_progress" && imported === true && owner.startsWith(IMPORT_OWNER)
}

/** Returns the row of a run whose import is finished, or a refusal if the run has ended or has another owner. */
export function importFinished(row: RunRow, { owner, retained_from, end }: ImportFinish): Transition {
  if (row.status !== "in_progress") return { ok: false, code: "already_terminal", row }
  if (row.owner !== owner) return { ok: false, code: "forbidden", row }
  const { termination, ended_at, interruptions } = end ?? {
    termination: { kind: "incomplete" as const, reason: "not_ended" as const },
    ended_at: row.last_turn_at ?? row.started_at,
    interruptions: undefined,
  }
  const status = termination.kind === "outcome" ? "completed" : "incomplete"
  const ended = { ...row, status, termination, ended_at, retained_from } as const
  return { ok: true, row: interruptions === undefined ? ended : { ...ended, interruptions } }
}

/**
 * Returns the row of an ended run. `reportedAt`: when the run ended according to its agent. Used only if the agent also
 * reported when the run started.
 */
function endedRow(
  row: RunRow,
  status: RunRow["status"],
  termination: RunTermination,
  endedAt: string,
  reportedAt?: string,
): RunRow {
  const now = notBefore(endedAt, row.last_turn_at ?? row.started_at)
  const reported = row.received_at === undefined ? undefined : timeBetween(reportedAt, row.started_at, now)
  return { ...row, status, termination, ended_at: reported ?? now, retained_from: endedAt }
}

/** Returns a time in the wire's format if it is between two others, otherwise undefined. */
function timeBetween(time: string | undefined, from: string, to: string): string | undefined {
  const ms = time === undefined ? Number.NaN : Date.parse(time)
  return ms >= Date.parse(from) && ms <= Date.parse(to) ? new Date(ms).toISOString() : undefined
}

/** Returns the row with its owner disconnected (a time) or connected (null); undefined if nothing changes. */
export function markedDisconnected(
  row: RunRow,
  mark: { disconnected_at: string | null; owner?: string },
): RunRow | undefined {
  if (row.status !== "in_progress") return undefined
  if (mark.disconnected_at === null) return connectedTo(row, mark.owner ?? row.owner)
  if (mark.owner !== undefined && mark.owner !== row.owner) return undefined
  return { ...row, disconnected_at: mark.disconnected_at }
}

/** Returns the row with a cancellation request, or a refusal. Further requests don't change the first one. */
export function cancelRequested(row: RunRow, request: { at: string; reason?: string }): Transition {
  if (row.status !== "in_progress") return { ok: false, code: "already_terminal", row }
  if (row.cancel_requested_at !== undefined) return { ok: true, row }
  const reason = request.reason === undefined ? {} : { cancel_reason: request.reason }
  return { ok: true, row: { ...row, cancel_requested_at: request.at, ...reason } }
}

/** Returns the run if one of the patterns matches its agent, otherwise undefined, as if it didn't exist. */
export function visible(row: RunRow | undefined, patterns: readonly string[]): RunRow | undefined {
  return row !== undefined && matchesAgent(patterns, row.agent_id) ? row : undefined
}

/** Returns the later of two times, so that the times of a run never decrease. */
function notBefore(time: string, earliest: string | undefined): string {
  return earliest !== undefined && earliest > time ? earliest : time
}
