import type { RunHead, RunRecord } from "@/lib/protocol/run"
import type { RunRow } from "@/server/store/RunStore"

/** Returns the first record of a trace. */
export function startedRecord(row: RunRow): Extract<RunRecord, { record: "started" }> {
  const { run_id, agent_id, agent_name, client_id, intent, outcome_description } = row
  const head: RunHead = {
    run_id,
    agent_id,
    ...(agent_name !== undefined && { agent_name }),
    client_id,
    intent,
    ...(outcome_description !== undefined && { outcome_description }),
    started_at: row.started_at,
    ...(row.parent !== undefined && { parent: row.parent }),
    labels: row.labels,
    ...(row.source !== undefined && { source: row.source }),
    ...(row.continues !== undefined && { continues: row.continues }),
  }
  return { record: "started", ...head }
}

/** Returns the last record of a trace; undefined if the run hasn't ended. */
export function endedRecord(row: RunRow): Extract<RunRecord, { record: "ended" }> | undefined {
  const { termination, ended_at, interruptions } = row
  if (termination === undefined || ended_at === undefined) return undefined
  // The run was imported from an export without an end, so its own export has no end, either.
  if (termination.kind === "incomplete" && termination.reason === "not_ended") return undefined
  return { record: "ended", termination, ended_at, ...(interruptions !== undefined && { interruptions }) }
}

/** Returns the JSON of a turn's record, from the JSON of the stored turn. */
export function turnRecordText(turn: string): string {
  return `{"record":"turn",${turn.slice(1)}`
}
