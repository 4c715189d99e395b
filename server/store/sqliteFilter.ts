import type { RunFilter } from "@/lib/protocol/commands"
import { isStorable, searchForm } from "./runText"
import type { SqlValue } from "./sqliteBind"
import { exactText, statusNumber } from "./sqliteRunRow"

/** Conditions of a WHERE and the values of their parameters, in order. */
export type Where = { conditions: string[]; values: SqlValue[] }

/** The text of a WHERE, with nothing for no condition. */
export function whereText({ conditions }: Where): string {
  return conditions.length === 0 ? "" : `WHERE ${conditions.join(" AND ")}`
}

/** The conditions of a filter for those who may read `readers`; the same runs as `admitsRunOfAnyStatus`. */
export function whereOfAnyStatus(filter: RunFilter, readers: readonly string[]): Where {
  const where: Where = { conditions: [], values: [] }
  const add = (condition: string, ...values: SqlValue[]) => {
    where.conditions.push(condition)
    where.values.push(...values)
  }
  addReaders(readers, add)
  if (filter.agent_id !== undefined) add("r.agent_id = ?", filter.agent_id)
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
  if (filter.q !== undefined) {
    add("instr((SELECT search FROM run_texts s WHERE s.run_no = r.run_no), ?) > 0", searchForm(filter.q))
  }
  return where
}

/** The conditions of a filter, its status too; the same runs as `admitsRun`. */
export function whereOf(filter: RunFilter, readers: readonly string[]): Where {
  const where = whereOfAnyStatus(filter, readers)
  if (filter.status === undefined) return where
  where.conditions.push(`r.status IN (${marks(filter.status)})`)
  where.values.push(...filter.status.map(statusNumber))
  return where
}

function addReaders(
  readers: readonly string[],
  add: (condition: string, ...values: SqlValue[]) => void,
): void {
  if (readers.includes("*")) return
  const conditions: string[] = []
  const values: SqlValue[] = []
  for (const pattern of readers.filter(isStorable)) {
    if (pattern.endsWith("*")) {
      const prefix = pattern.slice(0, -1)
      conditions.push("(r.agent_id >= ? AND r.agent_id < ?)")
      values.push(prefix, `${prefix}\u{10FFFF}`)
    } else {
      conditions.push("r.agent_id = ?")
      values.push(pattern)
    }
  }
  add(conditions.length === 0 ? "0" : `(${conditions.join(" OR ")})`, ...values)
}

function marks(values: readonly unknown[]): string {
  return values.map(() => "?").join(", ")
}
