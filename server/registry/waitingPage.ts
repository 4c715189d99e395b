import { matchesAgent } from "@/lib/protocol/access"
import type { RunFilter } from "@/lib/protocol/commands"
import { isWaiting, matchesFilter } from "@/lib/trace/matchesFilter"
import { compareNewestFirst, isAfter, readListCursor, writeListCursor } from "@/server/store/listCursor"
import type { RunPage, RunQuery, RunRow } from "@/server/store/RunStore"
import type { LiveRuns } from "./live/LiveRuns"

/** The waiting runs that a filter admits. Only live data says which runs are waiting. */
export function waitingRows(live: LiveRuns, readers: readonly string[], filter: RunFilter): RunRow[] {
  const rows: RunRow[] = []
  for (const { row, isWaiting: mayWait, summarise } of live.views()) {
    if (!mayWait || !matchesAgent(readers, row.agent_id)) continue
    const summary = summarise()
    if (isWaiting(summary) && matchesFilter(filter, summary)) rows.push(row)
  }
  return rows
}

/** A page of waiting runs, newest first, with the same `next` as a store's page. */
export function waitingPage(live: LiveRuns, { readers, filter, before, limit }: RunQuery): RunPage {
  const cursor = before === undefined ? undefined : readListCursor(before)
  if (before !== undefined && cursor === undefined) return { rows: [] }
  const rows = waitingRows(live, readers, filter)
    .filter((row) => cursor === undefined || isAfter(row, cursor))
    .sort(compareNewestFirst)
  const last = rows[limit - 1]
  return {
    rows: rows.slice(0, limit),
    ...(last !== undefined && rows.length > limit && { next: writeListCursor(last) }),
  }
}
