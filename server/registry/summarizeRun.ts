import { keepStart } from "@/lib/protocol/bytes"
import { LIMITS } from "@/lib/protocol/limits"
import type { RunSummary } from "@/lib/protocol/run"
import type { RunRow } from "@/server/store/RunStore"
import type { LiveRun } from "./live/LiveRun"
import { describeTrouble } from "./trouble/findTrouble"

/** Returns a run's summary: its stored row and, while it is in progress, live data. */
export function summarizeRun(row: RunRow, live: LiveRun | undefined): RunSummary {
  if (row.status !== "in_progress" || live === undefined) return { ...showRow(row), connected: false }
  // The row may be older than the live row, except for the fields that other runs change.
  const isBehind = live.row.cursor >= row.cursor
  const newest = isBehind ? { ...live.row, child_count: row.child_count } : row
  const { disconnected_at: _, ...fields } = showRow(newest)
  const activity = live.progress.activity()
  const waitingSince = live.progress.waitingSince
  const trouble = describeTrouble(live)
  return {
    ...fields,
    connected: live.owner !== undefined,
    ...(live.disconnectedAt !== undefined && { disconnected_at: live.disconnectedAt }),
    ...(live.lastSeenAt !== undefined && { last_seen_at: live.lastSeenAt }),
    ...(live.graceEndsAt !== undefined && { grace_ends_at: live.graceEndsAt }),
    recent: live.recent.read(),
    ...(activity !== undefined && { activity }),
    ...(waitingSince !== undefined && { waiting_since: waitingSince }),
    ...(trouble.length > 0 && { trouble }),
  }
}

/** Returns the stored part of a summary. */
export function showRow(row: RunRow): Omit<RunSummary, "connected"> {
  const {
    owner: _owner,
    cancel_reason: _reason,
    received_at: _received,
    retained_from: _retained,
    ...fields
  } = row
  return { ...fields, intent: keepStart(fields.intent, LIMITS.summaryIntentBytes) }
}
