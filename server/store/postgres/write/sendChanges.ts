import { isStorable } from "@/server/search/searchText"
import { exactText, hotArrays, labelTexts, textArrays, timeValue } from "@/server/store/postgres/runRow"
import type { RunRow } from "@/server/store/RunStore"
import { bigintArray, integerArray, textArray } from "./binaryArrays"
import type { HeldRun } from "./roundFacts"
import * as sql from "./roundSql"
import type { Send, StatementResult } from "./Send"
import type { WriteRound } from "./WriteRound"

/**
 * Sends the changes of a round without awaiting the replies. `nodeId`: the node that owns the runs that the round
 * starts.
 */
export function sendChanges(send: Send, round: WriteRound, nodeId: string | null): Promise<unknown>[] {
  const writes: Promise<unknown>[] = []
  if (round.started.length > 0) writes.push(insertRuns(send, round, nodeId))
  if (round.appended.length > 0) writes.push(...insertTurns(send, round))
  if (round.responses.size > 0) writes.push(putResponses(send, round))
  const changed = round.changedRuns()
  if (changed.length > 0) writes.push(updateRuns(send, changed))
  const texts = changed.filter((run) => run.textsChanged)
  if (texts.length > 0) {
    const numbers = bigintArray(texts.map((run) => run.runNo))
    const versions = integerArray(texts.map((run) => run.textsVersion))
    writes.push(send("updateTexts", sql.UPDATE_TEXTS, [numbers, versions, ...textArrays(texts.map(rowOf))]))
  }
  const labels = changed.filter((run) => run.labelsChanged)
  if (labels.length > 0) writes.push(replaceLabels(send, labels))
  const counts = [...round.childCounts].filter(([runId]) => isStorable(runId))
  if (counts.length > 0) {
    const values = [textArray(counts.map(([runId]) => runId)), integerArray(counts.map(([, more]) => more))]
    writes.push(send("addChildren", sql.ADD_CHILDREN, values))
  }
  for (const expired of [false, true]) {
    const gone = round.deleted.filter((each) => each.expired === expired)
    if (gone.length === 0) continue
    const numbers = bigintArray(gone.map(({ run }) => run.runNo))
    writes.push(send("delete", sql.DELETE_RUNS, [numbers, expired]))
  }
  return writes
}

function insertRuns(send: Send, round: WriteRound, nodeId: string | null): StatementResult {
  // All nodes insert in the same order, so nodes that insert the same keys can't deadlock.
  const started = [...round.started].sort((a, b) => (a.held.row.run_id < b.held.row.run_id ? -1 : 1))
  const rows = started.map(({ held }) => held.row)
  const labels = rows.flatMap((row) => labelTexts(row).map((label) => ({ row, label })))
  return send("insertRuns", sql.INSERT_RUNS, [
    textArray(rows.map((row) => row.run_id)),
    ...hotArrays(rows),
    textArray(rows.map((row) => row.agent_id)),
    textArray(started.map(({ startKey }) => (startKey === undefined ? null : exactText(startKey)))),
    textArray(rows.map((row) => String(timeValue(row.started_at)))),
    textArray(rows.map((row) => (row.parent === undefined ? null : exactText(row.parent.run_id)))),
    textArray(rows.map(() => nodeId)),
    ...textArrays(rows),
    textArray(labels.map(({ row }) => row.run_id)),
    textArray(labels.map(({ label }) => label)),
    bigintArray(rows.map((row) => row.grace_ms ?? null)),
    textArray(rows.map((row) => (row.continues === undefined ? null : exactText(row.continues.run_id)))),
  ])
}

function replaceLabels(send: Send, changed: readonly HeldRun[]): StatementResult {
  const labels = changed.flatMap(({ runNo, row }) => labelTexts(row).map((label) => ({ runNo, label })))
  return send("replaceLabels", sql.REPLACE_LABELS, [
    bigintArray(changed.map((run) => run.runNo)),
    bigintArray(labels.map(({ runNo }) => runNo)),
    textArray(labels.map(({ label }) => label)),
  ])
}

function insertTurns(send: Send, { appended }: WriteRound): StatementResult[] {
  const turns = appended.flatMap(({ run, base_index, recorded_at, turns }) => {
    const recordedAt = timeValue(recorded_at)
    return turns.map((turn, at) => ({ run, index: base_index + at, recordedAt, turn }))
  })
  const inserts = [
    send("insertTurns", sql.INSERT_TURNS, [
      integerArray(turns.map(({ run }) => run.day)),
      bigintArray(turns.map(({ run }) => run.runNo)),
      integerArray(turns.map(({ index }) => index)),
      bigintArray(turns.map(({ recordedAt }) => recordedAt)),
      textArray(turns.map(({ turn }) => turn.outline)),
      textArray(turns.map(({ turn }) => turn.preview ?? null)),
      textArray(turns.map(({ turn }) => turn.body)),
    ]),
  ]
  const keyed = appended.filter(({ key }) => key !== undefined)
  if (keyed.length > 0)
    inserts.push(
      send("insertKeys", sql.INSERT_KEYS, [
        integerArray(keyed.map(({ run }) => run.day)),
        bigintArray(keyed.map(({ run }) => run.runNo)),
        textArray(keyed.map(({ key }) => exactText(key))),
        integerArray(keyed.map(({ base_index }) => base_index)),
        integerArray(keyed.map(({ count }) => count)),
        bigintArray(keyed.map(({ recorded_at }) => timeValue(recorded_at))),
      ]),
    )
  return inserts
}

function putResponses(send: Send, { responses }: WriteRound): StatementResult {
  const all = [...responses.values()]
  return send("putResponses", sql.PUT_RESPONSES, [
    integerArray(all.map(({ run }) => run.day)),
    bigintArray(all.map(({ run }) => run.runNo)),
    textArray(all.map(({ id }) => exactText(id))),
    textArray(all.map(({ usage }) => JSON.stringify(usage))),
  ])
}

function updateRuns(send: Send, changed: readonly HeldRun[]): StatementResult {
  return send("updateRuns", sql.UPDATE_RUNS, [
    bigintArray(changed.map((run) => run.runNo)),
    ...hotArrays(changed.map(rowOf)),
    textArray(changed.map((run) => run.ownerNode)),
    integerArray(changed.map((run) => run.ownerEpoch)),
    integerArray(changed.map((run) => run.textsVersion)),
    bigintArray(changed.map((run) => run.graceMs ?? null)),
  ])
}

function rowOf(run: HeldRun): RunRow {
  return run.row
}
