import type { RunRow } from "./RunStore"

/** The end of a page: the run after which the next page starts. */
export type ListCursor = { startedAtMs: number; runId: string }

/** Encodes a position in a list as an opaque string. */
export function writeListCursor(row: Pick<RunRow, "started_at" | "run_id">): string {
  return Buffer.from(`${Date.parse(row.started_at)}.${row.run_id}`).toString("base64url")
}

/** Decodes a position in a list. Undefined if the string isn't valid. */
export function readListCursor(text: string): ListCursor | undefined {
  const [, ms, runId] = /^(\d{1,15})\.(.{1,128})$/s.exec(Buffer.from(text, "base64url").toString()) ?? []
  return ms === undefined || runId === undefined ? undefined : { startedAtMs: Number(ms), runId }
}

/** Compares runs for a list, newest first by `started_at`, then `run_id`. Negative if `a` comes before `b`. */
export function compareNewestFirst(a: RunRow, b: RunRow): number {
  const byTime = Date.parse(b.started_at) - Date.parse(a.started_at)
  if (byTime !== 0) return byTime
  return a.run_id < b.run_id ? 1 : a.run_id > b.run_id ? -1 : 0
}

/** Returns true if a run comes after a position in a list, newest first. */
export function isAfter(row: RunRow, cursor: ListCursor): boolean {
  const startedAtMs = Date.parse(row.started_at)
  return startedAtMs < cursor.startedAtMs || (startedAtMs === cursor.startedAtMs && row.run_id < cursor.runId)
}
