import type { RunSummary } from "@/lib/protocol/run"
import type { RunRow } from "@/server/store/RunStore"
import type { LiveRun } from "./LiveRun"

/** A run as readers see it: its stored row, and over it what is known of it live. An ended run's live data don't count. */
export function summariseRun(row: RunRow, live: LiveRun | undefined): RunSummary {
  if (row.status !== "in_progress" || live === undefined) return { ...shown(row), connected: false }
  // A row that was read is as old as what is known here, or older, but for the children that came since.
  const isBehind = live.row.cursor >= row.cursor
  const newest = isBehind ? { ...live.row, child_count: row.child_count } : row
  const { disconnected_at: _, ...fields } = shown(newest)
  const activity = live.progress.activity()
  return {
    ...fields,
    connected: live.owner !== undefined,
    ...(live.disconnectedAt !== undefined && { disconnected_at: live.disconnectedAt }),
    ...(live.lastSignAt !== undefined && { last_seen_at: live.lastSignAt }),
    ...(live.graceEndsAt !== undefined && { grace_ends_at: live.graceEndsAt }),
    recent: live.recent.read(),
    ...(activity !== undefined && { activity }),
  }
}

function shown(row: RunRow): Omit<RunSummary, "connected"> {
  const { owner: _owner, cancel_reason: _reason, ...fields } = row
  return fields
}
