import type { RunFilter } from "@/lib/protocol/commands"
import type { RunSort } from "@/lib/protocol/enums"
import { nameKey } from "@/lib/trace/resolveFilter"
import { foldedTerms } from "@/lib/trace/search/searchTerms"
import { isStorable } from "@/server/search/searchText"
import type { RunQuery } from "@/server/store/RunStore"
import { readersCondition } from "@/server/store/readersCondition"
import { exactText, statusNumber } from "./runRow"

type RunScope = Pick<RunQuery, "readers" | "filter" | "runIds">

/** Collects the conditions of a WHERE clause and the values of its numbered parameters. */
export class Where {
  readonly values: unknown[] = []
  readonly #conditions: string[] = []

  /** Adds a condition. Each `?` is replaced by the placeholder for the next of `values`. */
  add(condition: string, ...values: unknown[]): this {
    let next = 0
    this.#conditions.push(condition.replaceAll("?", () => this.parameter(values[next++])))
    return this
  }

  /** Adds a value and returns its placeholder, `$n`. */
  parameter(value: unknown): string {
    this.values.push(value)
    return `$${this.values.length}`
  }

  get text(): string {
    return this.#conditions.length === 0 ? "" : `WHERE ${this.#conditions.join(" AND ")}`
  }
}

/** Returns the conditions of a filter without its `status`. Selects the same runs as `admitsRunOfAnyStatus`. */
export function whereOfAnyStatus({ filter, readers, runIds }: RunScope): Where {
  const where = new Where()
  const readable = readersCondition(readers)
  if (readable !== undefined) where.add(readable.text, ...readable.values)
  if (runIds !== undefined) where.add("r.run_id = ANY(?::text[])", runIds.filter(isStorable))
  addExact(where, filter)
  if (filter.started_after !== undefined) where.add("r.started_at >= ?", Date.parse(filter.started_after))
  if (filter.started_before !== undefined) where.add("r.started_at < ?", Date.parse(filter.started_before))
  if (filter.overlaps !== undefined) {
    where.add("r.started_at <= ?", Date.parse(filter.overlaps.to))
    where.add("(r.ended_at IS NULL OR r.ended_at >= ?)", Date.parse(filter.overlaps.from))
  }
  for (const label of Object.entries(filter.labels ?? {})) {
    where.add("r.run_no IN (SELECT run_no FROM run_labels WHERE label = ?)", exactText(label))
  }
  for (const term of foldedTerms(filter.q ?? "")) where.add(`${OWN_TEXTS_HAVE} > 0`, term)
  return where
}

/** An SQL expression for the 1-based position of a folded text in a run's own texts; 0 if they don't contain it. */
export const OWN_TEXTS_HAVE =
  "position(?::text in (SELECT s.search FROM run_texts s WHERE s.run_no = r.run_no))"

/** Returns the conditions of a filter with its `status`. */
export function whereOf(scope: RunScope): Where {
  const where = whereOfAnyStatus(scope)
  const { status } = scope.filter
  if (status !== undefined) where.add("r.status = ANY(?::smallint[])", status.map(statusNumber))
  return where
}

function addExact(where: Where, filter: RunFilter): void {
  if (filter.agent_id !== undefined) {
    if (isStorable(filter.agent_id)) where.add("r.agent_id = ?", filter.agent_id)
    else where.add("false")
  }
  if (filter.agent !== undefined) addAgent(where, filter.agent)
  if (filter.failed) where.add("r.failed")
  if (filter.outcome !== undefined) where.add("r.outcome = ANY(?::text[])", [...filter.outcome])
  if (filter.parent_run_id !== undefined) where.add("r.parent = ?", exactText(filter.parent_run_id))
}

/** Adds the condition for an agent, by its id or its name. */
function addAgent(where: Where, text: string): void {
  const named = "r.run_no IN (SELECT run_no FROM run_labels WHERE label = ?)"
  if (isStorable(text)) where.add(`(r.agent_id = ? OR ${named})`, text, exactText(nameKey(text)))
  else where.add(named, exactText(nameKey(text)))
}

/** Returns the column that a list is sorted by. It is null for runs that aren't in the list. */
export function sortColumn(by: RunSort): string {
  return by === "started" || by === "waiting_since" ? "r.started_at" : `r.by_${by}`
}
