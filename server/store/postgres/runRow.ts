import type { RunStatus } from "@/lib/protocol/enums"
import { RUN_STATUSES } from "@/lib/protocol/enums"
import { hasFailed } from "@/lib/trace/matchesFilter"
import { nameKey } from "@/lib/trace/resolveFilter"
import { searchText } from "@/server/search/searchText"
import type { RunRow } from "@/server/store/RunStore"
import { booleanArray, integerArray, textArray } from "./write/binaryArrays"

/** A row of a result: the values of its columns, by position. */
export type SqlRow = readonly unknown[]

/** The columns of `runs` for `readRun`, in order. The texts from `run_texts` are passed separately. */
export const RUN_COLUMNS = `r.run_no, r.run_id, r.agent_id, r.status, r.started_at, r.ended_at, r.child_count, r.cursor,
  r.last_turn_at, r.disconnected_at, r.retained_from, r.owner, r.totals::text`
/** The number of columns in `RUN_COLUMNS`. */
export const RUN_COLUMN_COUNT = 13

/** The fields of a run that have their own columns. */
const COLUMN_FIELDS = [
  "run_id",
  "agent_id",
  "status",
  "started_at",
  "ended_at",
  "child_count",
  "cursor",
  "last_turn_at",
  "disconnected_at",
  "retained_from",
  "owner",
  "totals",
] as const satisfies (keyof RunRow)[]
const HAS_COLUMN: ReadonlySet<string> = new Set(COLUMN_FIELDS)

/** The part of a run that is stored as JSON: the fields without a column of their own. */
export type RunTexts = Omit<RunRow, (typeof COLUMN_FIELDS)[number]>

/** Returns the stored number of a status. */
export function statusNumber(status: RunStatus): number {
  return RUN_STATUSES.indexOf(status)
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

/** Returns the part of a run that is stored as JSON. */
function textsOf(row: RunRow): RunTexts {
  // The remaining fields are exactly those of `RunTexts`.
  return Object.fromEntries(Object.entries(row).filter(([field]) => !HAS_COLUMN.has(field))) as RunTexts
}

/** Returns true if the texts of two rows differ. Compares by identity, because transitions keep unchanged values. */
export function hasOtherTexts(before: RunRow, after: RunRow): boolean {
  return hasOtherField(before, after) || hasOtherField(after, before)
}

function hasOtherField(one: RunRow, other: RunRow): boolean {
  for (const field in one) {
    if (HAS_COLUMN.has(field)) continue
    if (one[field as keyof RunRow] !== other[field as keyof RunRow]) return true
  }
  return false
}

/** Reads a run from the columns of `RUN_COLUMNS` and its texts. */
export function readRun(columns: SqlRow, texts: RunTexts): RunRow {
  const [, runId, agentId, status, startedAt, endedAt, childCount, cursor, ...rest] = columns
  const [lastTurn, disconnected, retained, owner, totals] = rest
  return {
    run_id: String(runId),
    agent_id: String(agentId),
    ...texts,
    started_at: timeOf(startedAt) ?? "",
    ...present("ended_at", timeOf(endedAt)),
    ...present("retained_from", timeOf(retained)),
    status: RUN_STATUSES[Number(status)] ?? "in_progress",
    cursor: Number(cursor),
    child_count: Number(childCount),
    totals: JSON.parse(String(totals)),
    ...present("last_turn_at", timeOf(lastTurn)),
    ...present("disconnected_at", timeOf(disconnected)),
    owner: String(owner),
  }
}

/** Returns parameters for the columns of `runs` that change during a run, one array per column. */
export function hotArrays(rows: readonly RunRow[]): Buffer[] {
  return [
    integerArray(rows.map((row) => row.cursor)),
    integerArray(rows.map((row) => row.child_count)),
    textArray(rows.map((row) => timeText(row.last_turn_at))),
    textArray(rows.map((row) => timeText(row.disconnected_at))),
    textArray(rows.map((row) => row.owner)),
    textArray(rows.map((row) => JSON.stringify(row.totals))),
    integerArray(rows.map((row) => statusNumber(row.status))),
    textArray(rows.map(outcomeOf)),
    booleanArray(rows.map(hasFailed)),
    textArray(rows.map((row) => timeText(row.ended_at))),
    textArray(rows.map((row) => timeText(row.retained_from))),
  ]
}

/** Returns parameters for the columns `search` and `texts` of `run_texts`. */
export function textArrays(rows: readonly RunRow[]): Buffer[] {
  return [textArray(rows.map(searchText)), textArray(rows.map((row) => JSON.stringify(textsOf(row))))]
}

/** Converts a time to its stored form. */
export function timeValue(time: string): number {
  return Date.parse(time)
}

/** Converts a stored time to the wire's format; undefined for null. */
export function timeOf(stored: unknown): string | undefined {
  return stored === null || stored === undefined ? undefined : new Date(Number(stored)).toISOString()
}

function timeText(time: string | undefined): string | null {
  return time === undefined ? null : String(Date.parse(time))
}

function outcomeOf({ termination }: RunRow): string | null {
  return termination?.kind === "outcome" ? termination.outcome.status : null
}

function present<K extends string>(key: K, value: string | undefined): { [key in K]?: string } {
  return value === undefined ? {} : ({ [key]: value } as { [key in K]: string })
}
