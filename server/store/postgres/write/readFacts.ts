import type { ResponseUsage } from "@/lib/trace/responseUsage"
import { isStorable } from "@/server/search/searchText"
import {
  exactText,
  RUN_COLUMN_COUNT,
  type RunTexts,
  readRun,
  type SqlRow,
  timeOf,
} from "@/server/store/postgres/runRow"
import { textArray } from "./binaryArrays"
import { type Continuation, type HeldRun, keyOf, type StoredBatch } from "./roundFacts"
import * as sql from "./roundSql"
import type { Send } from "./Send"

/** Reads the ids of the runs that agents have started with these keys. */
export async function runsByKey(
  send: Send,
  keyed: readonly (readonly [string, string])[],
): Promise<{ key: string; runId: string }[]> {
  const { rows } = await send("byKey", sql.RUNS_BY_KEY, [
    textArray(keyed.map(([agentId]) => agentId)),
    textArray(keyed.map(([, key]) => exactText(key))),
  ])
  return rows.map(([runId, ordinal]) => {
    const [agentId = "", key = ""] = keyed[Number(ordinal) - 1] ?? []
    return { key: keyOf(agentId, key), runId: String(runId) }
  })
}

/** Reads batches that are already stored, by `keyOf(run_id, key)`. */
export async function storedBatches(
  send: Send,
  keys: readonly (readonly [string, string])[],
): Promise<Map<string, StoredBatch>> {
  const storable = keys.filter(([runId]) => isStorable(runId))
  if (storable.length === 0) return new Map()
  const { rows } = await send("batches", sql.STORED_BATCHES, [
    textArray(storable.map(([runId]) => runId)),
    textArray(storable.map(([, key]) => exactText(key))),
  ])
  return new Map(
    rows.map(([ordinal, base, count, recordedAt]) => {
      const [runId = "", key = ""] = storable[Number(ordinal) - 1] ?? []
      const batch = {
        base_index: Number(base),
        count: Number(count),
        recorded_at: timeOf(recordedAt) ?? "",
      }
      return [keyOf(runId, key), batch]
    }),
  )
}

/** Reads the stored usage of model responses, by `keyOf(run_id, response_id)`. */
export async function usedByResponses(
  send: Send,
  ids: readonly (readonly [string, string])[],
): Promise<Map<string, ResponseUsage>> {
  const storable = ids.filter(([runId]) => isStorable(runId))
  if (storable.length === 0) return new Map()
  const { rows } = await send("responses", sql.RESPONSES, [
    textArray(storable.map(([runId]) => runId)),
    textArray(storable.map(([, id]) => exactText(id))),
  ])
  return new Map(
    rows.map(([ordinal, usage]) => {
      const [runId = "", id = ""] = storable[Number(ordinal) - 1] ?? []
      return [keyOf(runId, id), JSON.parse(String(usage)) as ResponseUsage]
    }),
  )
}

/** Reads the number of children that new runs already have, by the `exactText` of their ids. */
export async function childCounts(send: Send, startedIds: readonly string[]): Promise<Map<string, number>> {
  if (startedIds.length === 0) return new Map()
  const { rows } = await send("children", sql.COUNT_CHILDREN, [textArray(startedIds.map(exactText))])
  return new Map(rows.map(([parent, count]) => [String(parent), Number(count)]))
}

/** Reads the runs that continue imported runs, newest first, by the `exactText` of the imported runs' ids. */
export async function continuationsOf(
  send: Send,
  importedIds: readonly string[],
): Promise<Map<string, Continuation[]>> {
  const found = new Map<string, Continuation[]>()
  if (importedIds.length === 0) return found
  const { rows } = await send("continuations", sql.CONTINUATIONS_OF, [textArray(importedIds.map(exactText))])
  for (const [earlier, runId, agentId] of rows) {
    const run = { run_id: String(runId), agent_id: String(agentId) }
    found.set(String(earlier), [...(found.get(String(earlier)) ?? []), run])
  }
  return found
}

/** Returns the texts of runs, by id. */
export function textsById(rows: readonly SqlRow[]): Map<string, { version: number; texts: RunTexts }> {
  return new Map(
    rows.map(([runId, version, texts]) => [
      String(runId),
      { version: Number(version), texts: JSON.parse(String(texts)) },
    ]),
  )
}

/** Reads a locked run from the columns of the lock statements. */
export function heldRun(columns: SqlRow, texts: Map<string, { version: number; texts: RunTexts }>): HeldRun {
  const [day, ownerNode, ownerEpoch, textsVersion, graceOver, now] = columns.slice(RUN_COLUMN_COUNT)
  const known = texts.get(String(columns[1]))
  if (known === undefined) throw new Error(`Run ${String(columns[1])} has no texts`)
  return {
    runNo: Number(columns[0]),
    day: Number(day),
    row: readRun(columns, known.texts),
    ownerNode: typeof ownerNode === "string" ? ownerNode : null,
    ownerEpoch: Number(ownerEpoch),
    textsVersion: Number(textsVersion),
    isGraceOver: graceOver === true,
    now: timeOf(now) ?? "",
    changed: false,
    textsChanged: false,
    labelsChanged: false,
  }
}
