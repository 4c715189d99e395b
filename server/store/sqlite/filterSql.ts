import type { RunFilter } from "@/lib/protocol/commands"
import { RUN_STATUSES, type RunSort, type RunStatus } from "@/lib/protocol/enums"
import { nameKey } from "@/lib/trace/resolveFilter"
import { foldedTerms } from "@/lib/trace/search/searchTerms"
import { isStorable } from "@/server/search/searchText"
import type { ListSort, RunQuery } from "@/server/store/RunStore"
import { readersCondition } from "@/server/store/readersCondition"
import type { SortedPlace } from "@/server/store/sortedCursor"
import type { SqlValue } from "./bind"
import { exactText, statusNumber } from "./runRow"

/** The conditions of a WHERE clause and the values of their parameters, in order. */
export type Where = { conditions: string[]; values: SqlValue[] }
type RunScope = Pick<RunQuery, "readers" | "filter" | "runIds">
type Add = (condition: string, ...values: SqlValue[]) => void

/** Returns a WHERE clause; empty without conditions. */
export function whereText(conditions: readonly string[]): string {
  return conditions.length === 0 ? "" : `WHERE ${conditions.join(" AND ")}`
}

/** Returns the conditions of a filter without its `status`. Selects the same runs as `admitsRunOfAnyStatus`. */
function whereOfAnyStatus({ filter, readers, runIds }: RunScope): Where {
  const where: Where = { conditions: [], values: [] }
  const add: Add = (condition, ...values) => {
    where.conditions.push(condition)
    where.values.push(...values)
  }
  const readable = readersCondition(readers)
  if (readable !== undefined) add(readable.text, ...readable.values)
  if (runIds !== undefined) add("r.run_id IN (SELECT value FROM json_each(?))", JSON.stringify(runIds))
  if (filter.agent_id !== undefined) add("r.agent_id = ?", filter.agent_id)
  if (filter.agent !== undefined) addAgent(filter.agent, add)
  if (filter.failed) add("r.failed = 1")
  if (filter.outcome !== undefined) add(`r.outcome IN (${marks(filter.outcome)})`, ...filter.outcome)
  if (filter.parent_run_id !== undefined) add("r.parent = ?", exactText(filter.parent_run_id))
  if (filter.started_after !== undefined) add("r.started_at >= ?", Date.parse(filter.started_after))
  if (filter.started_before !== undefined) add("r.started_at < ?", Date.parse(filter.started_before))
  if (filter.overlaps !== undefined) {
    add("r.started_at <= ?", Date.parse(filter.overlaps.to))
    add("(r.ended_at IS NULL OR r.ended_at >= ?)", Date.parse(filter.overlaps.from))
  }
  for (const label of Object.entries(filter.labels ?? {})) {
    add("r.run_no IN (SELECT run_no FROM run_labels WHERE label = ?)", exactText(label))
  }
  for (const term of foldedTerms(filter.q ?? "")) add(`instr(${OWN_TEXTS}, ?) > 0`, term)
  return where
}

/** A subquery for a run's own texts, folded. */
export const OWN_TEXTS = "(SELECT search FROM run_texts s WHERE s.run_no = r.run_no)"

/** A scan of runs: the index to use, and the conditions. */
export type Walk = { from: string; where: Where }

/**
 * Returns the scans for a list, each newest first. Names the index, because SQLite, without statistics, prefers to sort.
 * `runs_by_start` has the columns of most filters, so that runs that don't match are skipped without reading their rows.
 */
export function listWalks(scope: RunScope): Walk[] {
  const { filter, readers } = scope
  const from = fromRuns(filter, readers)
  const statuses = [...new Set(filter.status ?? RUN_STATUSES)]
  const perStatus = from === BY_START && filter.outcome === undefined && !filter.failed
  if (statuses.length === RUN_STATUSES.length) return [{ from, where: whereOfAnyStatus(scope) }]
  if (!perStatus) return [{ from, where: withStatus(scope, statuses) }]
  return statuses.map((status) => ({ from: BY_STATUS, where: withStatus(scope, [status]) }))
}

/** Returns the scan for counts by status. */
export function countWalk(scope: RunScope): Walk {
  // Counting needs all runs with a label, not only the newest ones, so SQLite should start with the label.
  const from =
    hasLabels(scope.filter) || scope.runIds !== undefined ? "runs r" : fromRuns(scope.filter, scope.readers)
  return { from, where: whereOfAnyStatus(scope) }
}

/** The sort expressions, exactly as in the indexes. */
const SORT_VALUES: Record<Exclude<RunSort, "waiting_since">, string> = {
  started: "r.started_at",
  last_seen: "coalesce(r.last_turn_at, r.started_at)",
  turns: "r.cursor",
  errors: "r.errors",
  cost: "r.cost_usd + r.estimated_cost_usd",
  tokens: "r.input_tokens + r.output_tokens",
  duration: "r.ended_at - r.started_at",
}

/** Returns the scan for a sorted list, starting at a position. `among`: an unordered scan of the runs to sort. */
export function sortedWalk(
  { filter, readers }: RunScope,
  { by, order }: ListSort,
  start: SortedPlace | undefined,
  among?: Walk,
): Walk & { orderBy: string } {
  const value = SORT_VALUES[by === "waiting_since" ? "started" : by]
  const statuses = filter.status ?? RUN_STATUSES
  const where = among?.where ?? withStatus({ filter, readers }, statuses)
  const { conditions, values } = { conditions: [...where.conditions], values: [...where.values] }
  const isByStart = value === SORT_VALUES.started
  if (!isByStart) conditions.push("r.status <> 0")
  const [direction, sign] = order === "asc" ? ["ASC", ">"] : ["DESC", "<"]
  if (start?.value !== undefined) {
    // The first condition lets SQLite seek in the index.
    conditions.push(`${value} ${sign}= ? AND (${value} <> ? OR (r.started_at, r.run_id) ${sign} (?, ?))`)
    values.push(start.value, start.value, start.startedAtMs, start.runId)
  }
  const isFew = among !== undefined || filter.parent_run_id !== undefined || filter.agent_id !== undefined
  const from =
    isFew || isByStart ? (among?.from ?? fromRuns(filter, readers)) : `runs r INDEXED BY runs_by_${by}`
  const orderBy = `ORDER BY ${value} ${direction}, r.started_at ${direction}, r.run_id ${direction}`
  return { from, where: { conditions, values }, orderBy }
}

const BY_START = "runs r INDEXED BY runs_by_start"
const BY_STATUS = "runs r INDEXED BY runs_by_status"

function hasLabels({ labels = {} }: RunFilter): boolean {
  return Object.keys(labels).length > 0
}

function fromRuns(filter: RunFilter, readers: readonly string[]): string {
  // For the children of a run, which are few, SQLite chooses the right index on its own.
  if (filter.parent_run_id !== undefined) return "runs r"
  const [reader] = readers
  const oneReader =
    readers.length === 1 && reader !== undefined && isStorable(reader) && !reader.endsWith("*")
  return oneReader || filter.agent_id !== undefined ? "runs r INDEXED BY runs_by_agent" : BY_START
}

function withStatus(scope: RunScope, statuses: readonly RunStatus[]): Where {
  return withStatuses(whereOfAnyStatus(scope), statuses)
}

/** Adds a condition for the status; undefined for any status. */
export function withStatuses(where: Where, statuses: readonly RunStatus[] | undefined): Where {
  const { conditions, values } = where
  if (statuses === undefined) return where
  return {
    conditions: [...conditions, `r.status IN (${marks(statuses)})`],
    values: [...values, ...statuses.map(statusNumber)],
  }
}

/** Adds the condition for an agent, by its id or its name. */
function addAgent(text: string, add: Add): void {
  const named = "r.run_no IN (SELECT run_no FROM run_labels WHERE label = ?)"
  if (isStorable(text)) add(`(r.agent_id = ? OR ${named})`, text, exactText(nameKey(text)))
  else add(named, exactText(nameKey(text)))
}

function marks(values: readonly unknown[]): string {
  return values.map(() => "?").join(", ")
}
