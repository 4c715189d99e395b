import type { Progress, RunSummary, RunTrouble } from "@/lib/protocol/run"
import { showRow } from "@/server/registry/summarizeRun"
import { disconnectedText, hangingText, silentText } from "@/server/registry/trouble/troubleTexts"
import type { RunRow } from "@/server/store/RunStore"

/** The fields of a summary that come from live connections. */
export type LiveFields = Pick<RunSummary, "connected"> & Partial<RunSummary>

/** A run in progress that belongs to another node, as last published by that node. */
export type RemoteRun = {
  row: RunRow
  live: LiveFields
  /** The run's progress. Only read for runs that are followed on this node. */
  progress?: Progress | undefined
}

/** Updates `LiveRuns` with the live data that other nodes have published. */
export interface RemoteRuns {
  /** Resolves once the live data of all runs is current. Rejects with `StoreUnavailableError`. */
  refresh(): Promise<void>
  /** Like `refresh`, but for one run and including its progress. */
  load(run_id: string): Promise<void>
}

/** The remote runs of a single server: none. */
export const NO_REMOTE_RUNS: RemoteRuns = {
  refresh: async () => {},
  load: async () => {},
}

/** Returns the part of a summary that isn't stored in the row. */
export function liveFields(summary: RunSummary, row: RunRow): LiveFields {
  const stored = showRow(row)
  return Object.fromEntries(Object.entries(summary).filter(([field]) => !(field in stored))) as LiveFields
}

/** Returns the summary of a remote run. `row`: its current row. */
export function summarizeRemoteRun(row: RunRow, remote: RemoteRun, nowMs: number): RunSummary {
  const isBehind = remote.row.cursor > row.cursor
  const { trouble: published, ...live } = remote.live
  const trouble = remoteTrouble(row, remote.live, nowMs)
  return {
    ...showRow(isBehind ? remote.row : row),
    ...live,
    ...(trouble.length > 0 && { trouble }),
  }
}

/**
 * Returns the current trouble of a remote run, based on what its node last published. The node may have stopped since.
 */
function remoteTrouble(
  row: RunRow,
  { connected, trouble = [], ...live }: LiveFields,
  nowMs: number,
): RunTrouble[] {
  const forMs = ({ since }: { since: string }) => nowMs - Date.parse(since)
  if (connected)
    return trouble.map((one) => {
      if (one.kind === "silent") return { ...one, text: silentText(forMs(one)) }
      return one.kind === "hanging" ? { ...one, text: hangingText(live.activity?.tool, forMs(one)) } : one
    })
  const since = row.disconnected_at ?? live.last_seen_at ?? row.last_turn_at ?? row.started_at
  const lasting = trouble.filter(({ kind }) => kind === "errors" || kind === "looping" || kind === "costly")
  return [...lasting, { kind: "disconnected", since, text: disconnectedText(forMs({ since })) }]
}
