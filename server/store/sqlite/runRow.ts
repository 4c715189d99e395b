import type { RunStatus } from "@/lib/protocol/enums"
import { RUN_STATUSES } from "@/lib/protocol/enums"
import type { RunTotals } from "@/lib/protocol/run"
import { hasFailed } from "@/lib/trace/matchesFilter"
import { nameKey } from "@/lib/trace/resolveFilter"
import { noTotals } from "@/lib/trace/turnTotals"
import { isStorable, searchText } from "@/server/search/searchText"
import type { RunRow } from "@/server/store/RunStore"
import { numberAt, type SqlRow, type SqlValue, textAt, timeAt, timeValue } from "./bind"

/** The columns for `readRun`, in order. */
export const RUN_COLUMNS = `r.run_no, r.run_id, r.agent_id, r.status, r.started_at, r.ended_at, r.child_count, r.cursor,
  r.last_turn_at, r.disconnected_at, r.retained_from, r.owner, r.input_tokens, r.cached_input_tokens, r.output_tokens, r.reasoning_tokens,
  r.cost_usd, r.estimated_cost_usd, r.unpriced_turns, r.model_turns, r.errors, r.failed_exits, r.duration_ms, t.texts`
/** The position of the first total. The totals are in the order of `TOTALS`. */
const FIRST_TOTAL = 12
const TOTALS = [
  "input_tokens",
  "cached_input_tokens",
  "output_tokens",
  "reasoning_tokens",
  "cost_usd",
  "estimated_cost_usd",
  "unpriced_turns",
  "model_turns",
  "errors",
  "failed_exits",
  "duration_ms",
] as const satisfies readonly (keyof RunTotals)[]
export const RUN_TABLES = "runs r JOIN run_texts t ON t.run_no = r.run_no"

/** The part of a run that is stored as JSON, because no list is sorted or filtered by these fields. */
type RunTexts = Pick<
  RunRow,
  | "agent_name"
  | "client_id"
  | "intent"
  | "outcome_description"
  | "parent"
  | "labels"
  | "source"
  | "grace_ms"
  | "continues"
  | "continued_by"
  | "reopenings"
  | "interruptions"
  | "imported"
  | "received_at"
  | "termination"
  | "cancel_requested_at"
  | "cancel_reason"
  | "last_error"
>
const TEXTS = [
  "agent_name",
  "client_id",
  "intent",
  "outcome_description",
  "parent",
  "labels",
  "source",
  "grace_ms",
  "continues",
  "continued_by",
  "reopenings",
  "interruptions",
  "imported",
  "received_at",
  "termination",
  "cancel_requested_at",
  "cancel_reason",
  "last_error",
] as const satisfies readonly (keyof RunTexts)[]

/** Returns the stored number of a status. */
export function statusNumber(status: RunStatus): number {
  return RUN_STATUSES.indexOf(status)
}

/** Returns the status for a stored number. */
function statusOf(stored: number): RunStatus {
  return RUN_STATUSES[stored] ?? "in_progress"
}

/** Encodes a value from an agent for exact comparison: as JSON, which can represent any string. */
export function exactText(value: unknown): string {
  return JSON.stringify(value)
}

/** Returns a run's rows in `run_labels`: its labels as JSON pairs, and its agent's name as a JSON string. */
export function labelTexts({ labels, agent_name }: RunRow): string[] {
  const texts = Object.entries(labels).map(exactText)
  return agent_name === undefined ? texts : [...texts, exactText(nameKey(agent_name))]
}

const ESCAPED_KEY = "json:"

/**
 * Encodes an idempotency key. Keys that SQLite can't store are stored as JSON with a prefix, and so are keys that start
 * with that prefix. Other keys are stored unchanged, as in older databases.
 */
export function storedKey(key: string): string {
  return isStorable(key) && !key.startsWith(ESCAPED_KEY) ? key : ESCAPED_KEY + exactText(key)
}

/** Reads a run from its columns. */
export function readRun(columns: SqlRow): RunRow {
  const texts: RunTexts = JSON.parse(textAt(columns, FIRST_TOTAL + TOTALS.length))
  const row: RunRow = {
    run_id: textAt(columns, 1),
    agent_id: textAt(columns, 2),
    ...texts,
    started_at: timeAt(columns, 4) ?? "",
    status: statusOf(numberAt(columns, 3)),
    cursor: numberAt(columns, 7),
    child_count: numberAt(columns, 6),
    totals: readTotals(columns),
    owner: textAt(columns, 11),
  }
  const ended = timeAt(columns, 5)
  const lastTurn = timeAt(columns, 8)
  const disconnected = timeAt(columns, 9)
  const retained = timeAt(columns, 10)
  if (ended !== undefined) row.ended_at = ended
  if (lastTurn !== undefined) row.last_turn_at = lastTurn
  if (disconnected !== undefined) row.disconnected_at = disconnected
  if (retained !== undefined) row.retained_from = retained
  return row
}

function readTotals(columns: SqlRow): RunTotals {
  const totals = noTotals()
  for (const [at, name] of TOTALS.entries()) totals[name] = numberAt(columns, FIRST_TOTAL + at)
  return totals
}

/** Returns true if the texts of two rows differ. */
export function haveTextsChanged(before: RunRow, after: RunRow): boolean {
  return TEXTS.some((name) => before[name] !== after[name])
}

/** Updates the columns that an append changes. Parameters: `hotValues` and the run's number. */
export const UPDATE_HOT = `UPDATE runs SET cursor = ?, last_turn_at = ?, disconnected_at = ?, owner = ?, child_count = ?,
  ${TOTALS.map((name) => `${name} = ?`).join(", ")} WHERE run_no = ?`

/** Returns the values for `UPDATE_HOT`. */
export function hotValues(row: RunRow): SqlValue[] {
  return [
    row.cursor,
    timeValue(row.last_turn_at),
    timeValue(row.disconnected_at),
    row.owner,
    row.child_count,
    ...TOTALS.map((name) => row.totals[name]),
  ]
}

/** Returns the values of the columns that an end or a reopening changes, in the order of `UPDATE_END`. */
export function endValues(row: RunRow): SqlValue[] {
  const outcome = row.termination?.kind === "outcome" ? row.termination.outcome.status : null
  const [ended, retained] = [timeValue(row.ended_at), timeValue(row.retained_from)]
  return [statusNumber(row.status), outcome, hasFailed(row) ? 1 : 0, ended, retained]
}

/** Returns the values of the columns `search` and `texts` of `run_texts`. */
export function textValues(row: RunRow): SqlValue[] {
  const texts = Object.fromEntries(TEXTS.map((name) => [name, row[name]]))
  return [searchText(row), JSON.stringify(texts)]
}
