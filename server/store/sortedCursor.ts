import { RUN_SORTS, type RunSort, SORT_ORDERS, type SortOrder } from "@/lib/protocol/enums"
import { totalCost, totalTokens } from "@/lib/trace/turnTotals"
import type { ListSort, RunRow } from "./RunStore"

/** A run's position in a sorted list. Runs without a value come after all others, newest first. */
export type SortedPlace = { value: number | undefined; startedAtMs: number; runId: string }

/** Returns the sort value of an ended run. */
export function sortValue(row: RunRow, by: RunSort): number {
  const started = Date.parse(row.started_at)
  switch (by) {
    case "started":
      return started
    case "last_seen":
      return Date.parse(row.last_turn_at ?? row.started_at)
    case "turns":
      return row.cursor
    case "errors":
      return row.totals.errors
    case "cost":
      return totalCost(row.totals)
    case "tokens":
      return totalTokens(row.totals)
    case "duration":
      return Date.parse(row.ended_at ?? row.started_at) - started
    case "waiting_since":
      return 0
  }
}

/** Returns the position of a row in a list of ended runs. */
export function placeOf(row: RunRow, by: RunSort): SortedPlace {
  return { value: sortValue(row, by), startedAtMs: Date.parse(row.started_at), runId: row.run_id }
}

/** Compares two positions. Negative if `a` comes before `b`. */
export function comparePlaces(a: SortedPlace, b: SortedPlace, order: SortOrder): number {
  if (a.value === undefined || b.value === undefined) {
    if (a.value !== b.value) return a.value === undefined ? 1 : -1
    return -ascending(a, b)
  }
  const up = a.value - b.value || ascending(a, b)
  return order === "asc" ? up : -up
}

function ascending(a: SortedPlace, b: SortedPlace): number {
  return a.startedAtMs - b.startedAtMs || (a.runId < b.runId ? -1 : a.runId > b.runId ? 1 : 0)
}

/** Encodes a position in a sorted list as an opaque string. */
export function writeSortedCursor(
  { by, order }: ListSort,
  { value, startedAtMs, runId }: SortedPlace,
): string {
  return Buffer.from(JSON.stringify([by, order, value ?? null, startedAtMs, runId])).toString("base64url")
}

/** Decodes a position in a list with this sort. Undefined if the string isn't valid for this sort. */
export function readSortedCursor(text: string, { by, order }: ListSort): SortedPlace | undefined {
  const parts = parseArray(Buffer.from(text, "base64url").toString())
  const [sort, direction, value, startedAtMs, runId] = parts
  if (sort !== by || direction !== order || !RUN_SORTS.includes(by) || !SORT_ORDERS.includes(order))
    return undefined
  if (typeof startedAtMs !== "number" || typeof runId !== "string" || runId.length > 128) return undefined
  if (value !== null && typeof value !== "number") return undefined
  return { value: value ?? undefined, startedAtMs, runId }
}

function parseArray(text: string): unknown[] {
  try {
    const parsed: unknown = JSON.parse(text)
    return Array.isArray(parsed) ? parsed : []
  } catch {
    return []
  }
}
