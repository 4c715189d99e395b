import type { RunStatus } from "@/lib/protocol/words"
import { RUN_STATUSES } from "@/lib/protocol/words"
import { searchText } from "@/server/search/searchText"
import { hasFailed } from "@/server/store/admitsRun"
import type { RunRow } from "@/server/store/RunStore"
import { numberAt, type SqlRow, type SqlValue, textAt, timeAt, timeValue } from "./bind"

/** The columns that make up a run, in the order in which `readRun` takes them. */
export const RUN_COLUMNS = `r.run_no, r.run_id, r.agent_id, r.status, r.started_at, r.ended_at, r.child_count, r.cursor,
  r.last_turn_at, r.disconnected_at, r.owner, r.input_tokens, r.output_tokens, r.cost_usd, r.errors, r.duration_ms, t.texts`
export const RUN_TABLES = "runs r JOIN run_texts t ON t.run_no = r.run_no"

/** What of a run is kept as JSON: it is shown, not sorted or filtered by. */
type RunTexts = Pick<
  RunRow,
  | "agent_name"
  | "client_id"
  | "intent"
  | "outcome_description"
  | "parent"
  | "labels"
  | "termination"
  | "cancel_requested_at"
  | "cancel_reason"
>

/** The number by which a status is stored. */
export function statusNumber(status: RunStatus): number {
  return RUN_STATUSES.indexOf(status)
}

/** The status that is stored as a number. */
export function statusOf(stored: number): RunStatus {
  return RUN_STATUSES[stored] ?? "in_progress"
}

/** How a value that an agent chose freely is stored where it is looked up: as JSON, which holds every string. */
export function exactText(value: unknown): string {
  return JSON.stringify(value)
}

/** A run from its columns. */
export function readRun(columns: SqlRow): RunRow {
  const texts: RunTexts = JSON.parse(textAt(columns, 16))
  const row: RunRow = {
    run_id: textAt(columns, 1),
    agent_id: textAt(columns, 2),
    ...texts,
    started_at: timeAt(columns, 4) ?? "",
    status: statusOf(numberAt(columns, 3)),
    cursor: numberAt(columns, 7),
    child_count: numberAt(columns, 6),
    totals: {
      input_tokens: numberAt(columns, 11),
      output_tokens: numberAt(columns, 12),
      cost_usd: numberAt(columns, 13),
      errors: numberAt(columns, 14),
      duration_ms: numberAt(columns, 15),
    },
    owner: textAt(columns, 10),
  }
  const ended = timeAt(columns, 5)
  const lastTurn = timeAt(columns, 8)
  const disconnected = timeAt(columns, 9)
  if (ended !== undefined) row.ended_at = ended
  if (lastTurn !== undefined) row.last_turn_at = lastTurn
  if (disconnected !== undefined) row.disconnected_at = disconnected
  return row
}

/** The columns of `runs` that an append changes, in the order of `UPDATE_HOT`. */
export function hotValues(row: RunRow): SqlValue[] {
  const { totals } = row
  return [
    row.cursor,
    timeValue(row.last_turn_at),
    timeValue(row.disconnected_at),
    row.owner,
    row.child_count,
    totals.input_tokens,
    totals.output_tokens,
    totals.cost_usd,
    totals.errors,
    totals.duration_ms,
  ]
}

/** The columns of `runs` that an end changes, in the order of `UPDATE_END`. */
export function endValues(row: RunRow): SqlValue[] {
  const outcome = row.termination?.kind === "outcome" ? row.termination.outcome.status : null
  return [statusNumber(row.status), outcome, hasFailed(row) ? 1 : 0, timeValue(row.ended_at)]
}

/** The columns of `run_texts`, in the order `search`, `texts`. */
export function textValues(row: RunRow): SqlValue[] {
  const texts: RunTexts = {
    ...(row.agent_name !== undefined && { agent_name: row.agent_name }),
    client_id: row.client_id,
    intent: row.intent,
    ...(row.outcome_description !== undefined && { outcome_description: row.outcome_description }),
    ...(row.parent !== undefined && { parent: row.parent }),
    labels: row.labels,
    ...(row.termination !== undefined && { termination: row.termination }),
    ...(row.cancel_requested_at !== undefined && { cancel_requested_at: row.cancel_requested_at }),
    ...(row.cancel_reason !== undefined && { cancel_reason: row.cancel_reason }),
  }
  return [searchText(row), JSON.stringify(texts)]
}
