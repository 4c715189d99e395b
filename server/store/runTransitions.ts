import { isDeepStrictEqual } from "node:util"
import { matchesAgent } from "@/lib/protocol/access"
import type { AgentOutcome, RunTermination, RunTotals } from "@/lib/protocol/run"
import { addTotals, noTotals } from "@/lib/trace/turnTotals"
import type { AppendBatch, NewRun, RunRow, StoreRefusal } from "./RunStore"

/** What may happen to a run, as pure steps: each gives the run's next row or says why not. Every store takes them. */
export type Transition = { ok: true; row: RunRow } | StoreRefusal

export const NOT_FOUND: StoreRefusal = { ok: false, code: "not_found" }

export const NO_TOTALS: RunTotals = noTotals()

/** The row of a run that begins. */
export function startedRow({ idempotency_key: _, ...run }: NewRun, childCount: number): RunRow {
  return { ...run, status: "in_progress", cursor: 0, child_count: childCount, totals: NO_TOTALS }
}

/** The row with another owner, who is there; an ended run stays as it is. */
export function takenOver(row: RunRow, owner: string): RunRow {
  if (row.status !== "in_progress") return row
  if (row.owner === owner && row.disconnected_at === undefined) return row
  const { disconnected_at: _, ...rest } = row
  return { ...rest, owner }
}

/** The row after a batch, or why the batch is refused. Its key has been looked up before. */
export function appended(row: RunRow, batch: AppendBatch): Transition {
  const { owner, recorded_at, maxTurns, expected_index } = batch
  const growth = { owner, recorded_at, maxTurns, expected_index }
  return grown(row, growth, batch.turns.length, sumTotals(batch.turns))
}

/** The same of a batch by how many turns it has and what they add up to. */
export function grown(
  row: RunRow,
  batch: { owner: string; recorded_at: string; maxTurns: number; expected_index: number | undefined },
  count: number,
  added: RunTotals,
): Transition {
  if (row.status !== "in_progress") return { ok: false, code: "already_terminal", row }
  if (batch.expected_index !== undefined && batch.expected_index !== row.cursor) {
    return { ok: false, code: "index_conflict", row }
  }
  const cursor = row.cursor + count
  if (cursor > batch.maxTurns) return { ok: false, code: "too_large", row }
  const totals = addTotals(row.totals, added)
  const next = takenOver(row, batch.owner)
  return {
    ok: true,
    row: { ...next, cursor, totals, last_turn_at: notBefore(batch.recorded_at, row.last_turn_at) },
  }
}

/** What some turns add to their run's totals together. */
export function sumTotals(turns: readonly { totals: RunTotals }[]): RunTotals {
  return turns.reduce((sum, { totals }) => addTotals(sum, totals), NO_TOTALS)
}

/** The row of a run that its agent ended, or why not; the same outcome once more leaves the row as it is. */
export function completed(
  row: RunRow,
  end: { owner: string; outcome: AgentOutcome; ended_at: string },
): Transition & { duplicate?: boolean } {
  const outcome: AgentOutcome = JSON.parse(JSON.stringify(end.outcome))
  if (row.status === "in_progress") {
    const next = takenOver(row, end.owner)
    return { ok: true, row: endedRow(next, "completed", { kind: "outcome", outcome }, end.ended_at) }
  }
  const ended = row.termination
  if (ended?.kind === "outcome" && isDeepStrictEqual(ended.outcome, outcome)) {
    return { ok: true, row, duplicate: true }
  }
  return { ok: false, code: "already_terminal", row }
}

/** The row of a run that its owner left for good, or why not: it has ended, or has another owner by now. */
export function abandoned(row: RunRow, end: { owner: string; ended_at: string }): Transition {
  if (row.status !== "in_progress") return { ok: false, code: "already_terminal", row }
  if (row.owner !== end.owner) return { ok: false, code: "forbidden", row }
  const termination: RunTermination = { kind: "incomplete", reason: "disconnected" }
  return { ok: true, row: endedRow(row, "incomplete", termination, end.ended_at) }
}

function endedRow(
  row: RunRow,
  status: RunRow["status"],
  termination: RunTermination,
  endedAt: string,
): RunRow {
  return { ...row, status, termination, ended_at: notBefore(endedAt, row.last_turn_at ?? row.started_at) }
}

/** The row with its owner gone (a time) or back (null); undefined where nothing changes. */
export function markedDisconnected(
  row: RunRow,
  mark: { disconnected_at: string | null; owner?: string },
): RunRow | undefined {
  if (row.status !== "in_progress") return undefined
  if (mark.disconnected_at === null) return takenOver(row, mark.owner ?? row.owner)
  if (mark.owner !== undefined && mark.owner !== row.owner) return undefined
  return { ...row, disconnected_at: mark.disconnected_at }
}

/** The row of a run that is to be cancelled, or why not; the first wish stands. */
export function cancelRequested(row: RunRow, wish: { at: string; reason?: string }): Transition {
  if (row.status !== "in_progress") return { ok: false, code: "already_terminal", row }
  if (row.cancel_requested_at !== undefined) return { ok: true, row }
  const reason = wish.reason === undefined ? {} : { cancel_reason: wish.reason }
  return { ok: true, row: { ...row, cancel_requested_at: wish.at, ...reason } }
}

/** A run for those whose patterns match its agent; for others it is as if it did not exist. */
export function visible(row: RunRow | undefined, patterns: readonly string[]): RunRow | undefined {
  return row !== undefined && matchesAgent(patterns, row.agent_id) ? row : undefined
}

/** The later of two times as the wire writes them, so that times of one run never go back. */
function notBefore(time: string, earliest: string | undefined): string {
  return earliest !== undefined && earliest > time ? earliest : time
}
