import type { RunRow } from "./RunStore"

/** Where a page of a list ended: the run after which the next page begins. */
export type ListCursor = { startedAtMs: number; runId: string }

/** The opaque text of a place in a list. */
export function writeListCursor(row: Pick<RunRow, "started_at" | "run_id">): string {
  return Buffer.from(`${Date.parse(row.started_at)}.${row.run_id}`).toString("base64url")
}

/** Reads a place in a list; undefined for a text that no page gave out. */
export function readListCursor(text: string): ListCursor | undefined {
  const [, ms, runId] = /^(\d{1,15})\.(.{1,128})$/s.exec(Buffer.from(text, "base64url").toString()) ?? []
  return ms === undefined || runId === undefined ? undefined : { startedAtMs: Number(ms), runId }
}

/** Newest first by `started_at`, then `run_id`: negative when `a` comes before `b`. */
export function compareNewestFirst(a: RunRow, b: RunRow): number {
  const byTime = Date.parse(b.started_at) - Date.parse(a.started_at)
  if (byTime !== 0) return byTime
  return a.run_id < b.run_id ? 1 : a.run_id > b.run_id ? -1 : 0
}

/** Whether a run comes after a place in a list, newest first. */
export function isAfter(row: RunRow, cursor: ListCursor): boolean {
  const startedAtMs = Date.parse(row.started_at)
  return startedAtMs < cursor.startedAtMs || (startedAtMs === cursor.startedAtMs && row.run_id < cursor.runId)
}
