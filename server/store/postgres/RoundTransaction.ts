import type { Client, QueryArrayResult } from "pg"
import type { ResponseUsage } from "@/lib/trace/responseUsage"
import { isStorable } from "@/server/search/searchText"
import { type RunRow, StoreUnavailableError } from "@/server/store/RunStore"
import { bigintArray, integerArray, textArray } from "./binaryArrays"
import * as sql from "./roundSql"
import {
  exactText,
  hotArrays,
  labelTexts,
  RUN_COLUMN_COUNT,
  type RunTexts,
  readRun,
  type SqlRow,
  textArrays,
  timeOf,
  timeValue,
} from "./runRow"
import {
  type HeldRun,
  keyOf,
  type Operation,
  type RoundFacts,
  type StoredBatch,
  WriteRound,
} from "./WriteRound"

/** The write was refused because the node's lease is over: other nodes may have taken its runs over. */
export class LeaseExpiredError extends StoreUnavailableError {}

/** The node of a cluster that writes. */
export type RoundNode = {
  id: string
  /** The grace period of runs that have none of their own. */
  graceMs: number
  /** How long a round may take: the lease must last for as long. */
  roundMs: number
}

type Answer = Promise<QueryArrayResult<unknown[]>>

/**
 * The transaction of one write round: locks and reads in one pipeline, applies the operations in memory, then writes and commits
 * in a second pipeline. If the node is stopped in between, the server ends the transaction soon.
 */
export class RoundTransaction {
  statements = 0
  readonly #client: Client
  readonly #node: RoundNode | undefined

  /** `node`: the node of a cluster that writes. */
  constructor(client: Client, node: RoundNode | undefined) {
    this.#client = client
    this.#node = node
  }

  /**
   * Commits operations. With `skipLocked`, operations that need a row locked by another transaction are left out.
   *
   * @returns each operation's value, and the positions of those that were left out.
   * @throws {LeaseExpiredError} if the node's lease is over.
   */
  async run(
    operations: readonly Operation<unknown>[],
    skipLocked: boolean,
  ): Promise<{ values: unknown[]; held: ReadonlySet<number> }> {
    const { facts, heldIds } = await this.#lock(operations, skipLocked)
    const round = new WriteRound(facts, this.#node)
    const held = new Set<number>()
    const values = operations.map((operation, at) => {
      const { startKey } = operation
      const known = startKey && facts.startedBy.get(keyOf(...startKey))
      const runIds = known === undefined ? operation.runIds : [known, ...operation.runIds]
      // A later operation on the same run must wait as well, to keep the order.
      if (!runIds.some((runId) => heldIds.has(runId))) return operation.apply(round)
      for (const runId of runIds) heldIds.add(runId)
      held.add(at)
      return undefined
    })
    const writes = this.#write(round)
    if (operations.some(({ beats }) => beats)) writes.push(this.#query("beat", sql.BEAT))
    writes.push(this.#query("commit", "COMMIT"))
    await allDone(writes)
    return { values, held }
  }

  /** Ends the transaction. Rejects if the connection doesn't respond. */
  async rollBack(): Promise<void> {
    await this.#client.query("ROLLBACK")
  }

  async #lock(operations: readonly Operation<unknown>[], skipLocked: boolean) {
    const begun = this.#query("begin", "BEGIN")
    const leased = this.#checkLease()
    const keyed = operations.flatMap(({ startKey }) => (startKey ? [startKey] : []))
    const findingByKey = keyed.length === 0 ? [] : this.#runsByKey(keyed)
    // Awaited together: a promise that rejects while only another one is awaited would end the process.
    if (keyed.length > 0) await allDone([begun, leased, findingByKey])
    const byKey = await findingByKey
    const ids = [
      ...new Set([...operations.flatMap(({ runIds }) => runIds), ...byKey.map(({ runId }) => runId)]),
    ].filter(isStorable)
    const idArray = textArray(ids)
    const lockName = skipLocked ? "lockFree" : "lock"
    const locking = this.#query(lockName, skipLocked ? sql.LOCK_FREE_RUNS : sql.LOCK_RUNS, [idArray])
    const reading = this.#query("texts", sql.RUN_TEXTS, [idArray])
    const batches = this.#storedBatches(operations.flatMap(({ batchKey }) => (batchKey ? [batchKey] : [])))
    const responses = this.#responses(operations.flatMap(({ responses }) => responses ?? []))
    const children = this.#childCounts(operations.flatMap(({ starts }) => starts ?? []))
    const existing = skipLocked ? this.#query("existing", sql.EXISTING_RUNS, [idArray]) : undefined
    await allDone([begun, leased, locking, reading, batches, responses, children, existing])
    const texts = textsById((await reading).rows)
    const runs = (await locking).rows.map((columns) => heldRun(columns, texts))
    const lockedIds = new Set(runs.map(({ row }) => row.run_id))
    const heldIds = new Set(
      ((await existing)?.rows ?? []).map(([runId]) => String(runId)).filter((runId) => !lockedIds.has(runId)),
    )
    const facts: RoundFacts = {
      runs,
      startedBy: new Map(byKey.map(({ key, runId }) => [key, runId])),
      batches: await batches,
      responses: await responses,
      children: await children,
    }
    return { facts, heldIds }
  }

  async #checkLease(): Promise<void> {
    if (this.#node === undefined) return
    const { rows } = await this.#query("lease", sql.CHECK_LEASE, [this.#node.id, this.#node.roundMs])
    if (rows.length === 0) throw new LeaseExpiredError("The node's lease has expired")
  }

  async #runsByKey(keyed: readonly (readonly [string, string])[]): Promise<{ key: string; runId: string }[]> {
    const { rows } = await this.#query("byKey", sql.RUNS_BY_KEY, [
      textArray(keyed.map(([agentId]) => agentId)),
      textArray(keyed.map(([, key]) => exactText(key))),
    ])
    return rows.map(([runId, ordinal]) => {
      const [agentId = "", key = ""] = keyed[Number(ordinal) - 1] ?? []
      return { key: keyOf(agentId, key), runId: String(runId) }
    })
  }

  async #storedBatches(keys: readonly (readonly [string, string])[]): Promise<Map<string, StoredBatch>> {
    const storable = keys.filter(([runId]) => isStorable(runId))
    if (storable.length === 0) return new Map()
    const { rows } = await this.#query("batches", sql.STORED_BATCHES, [
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

  async #responses(ids: readonly (readonly [string, string])[]): Promise<Map<string, ResponseUsage>> {
    const storable = ids.filter(([runId]) => isStorable(runId))
    if (storable.length === 0) return new Map()
    const { rows } = await this.#query("responses", sql.RESPONSES, [
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

  async #childCounts(startedIds: readonly string[]): Promise<Map<string, number>> {
    if (startedIds.length === 0) return new Map()
    const { rows } = await this.#query("children", sql.COUNT_CHILDREN, [textArray(startedIds.map(exactText))])
    return new Map(rows.map(([parent, count]) => [String(parent), Number(count)]))
  }

  /** Sends the round's changes, without awaiting them. */
  #write(round: WriteRound): Promise<unknown>[] {
    const writes: Promise<unknown>[] = []
    if (round.started.length > 0) writes.push(this.#insertRuns(round))
    if (round.appended.length > 0) writes.push(...this.#insertTurns(round))
    if (round.responses.size > 0) writes.push(this.#putResponses(round))
    const changed = round.changedRuns()
    if (changed.length > 0) writes.push(this.#updateRuns(changed))
    const texts = changed.filter((run) => run.textsChanged)
    if (texts.length > 0) {
      const numbers = bigintArray(texts.map((run) => run.runNo))
      const versions = integerArray(texts.map((run) => run.textsVersion))
      writes.push(
        this.#query("updateTexts", sql.UPDATE_TEXTS, [numbers, versions, ...textArrays(texts.map(rowOf))]),
      )
    }
    const labels = changed.filter((run) => run.labelsChanged)
    if (labels.length > 0) writes.push(this.#replaceLabels(labels))
    const counts = [...round.childCounts].filter(([runId]) => isStorable(runId))
    if (counts.length > 0) {
      const values = [textArray(counts.map(([runId]) => runId)), integerArray(counts.map(([, more]) => more))]
      writes.push(this.#query("addChildren", sql.ADD_CHILDREN, values))
    }
    for (const expired of [false, true]) {
      const gone = round.deleted.filter((each) => each.expired === expired)
      if (gone.length === 0) continue
      const numbers = bigintArray(gone.map(({ run }) => run.runNo))
      writes.push(this.#query("delete", sql.DELETE_RUNS, [numbers, expired]))
    }
    return writes
  }

  #insertRuns(round: WriteRound): Answer {
    // All nodes insert in the same order, so two that insert the same keys can't deadlock.
    const started = [...round.started].sort((a, b) => (a.held.row.run_id < b.held.row.run_id ? -1 : 1))
    const rows = started.map(({ held }) => held.row)
    const labels = rows.flatMap((row) => labelTexts(row).map((label) => ({ row, label })))
    return this.#query("insertRuns", sql.INSERT_RUNS, [
      textArray(rows.map((row) => row.run_id)),
      ...hotArrays(rows),
      textArray(rows.map((row) => row.agent_id)),
      textArray(started.map(({ startKey }) => (startKey === undefined ? null : exactText(startKey)))),
      textArray(rows.map((row) => String(timeValue(row.started_at)))),
      textArray(rows.map((row) => (row.parent === undefined ? null : exactText(row.parent.run_id)))),
      textArray(rows.map(() => this.#node?.id ?? null)),
      ...textArrays(rows),
      textArray(labels.map(({ row }) => row.run_id)),
      textArray(labels.map(({ label }) => label)),
      bigintArray(rows.map((row) => row.grace_ms ?? null)),
    ])
  }

  #replaceLabels(changed: readonly HeldRun[]): Answer {
    const labels = changed.flatMap(({ runNo, row }) => labelTexts(row).map((label) => ({ runNo, label })))
    return this.#query("replaceLabels", sql.REPLACE_LABELS, [
      bigintArray(changed.map((run) => run.runNo)),
      bigintArray(labels.map(({ runNo }) => runNo)),
      textArray(labels.map(({ label }) => label)),
    ])
  }

  #insertTurns({ appended }: WriteRound): Answer[] {
    const turns = appended.flatMap(({ run, base_index, recorded_at, turns }) => {
      const recordedAt = timeValue(recorded_at)
      return turns.map((turn, at) => ({ run, index: base_index + at, recordedAt, turn }))
    })
    const inserts = [
      this.#query("insertTurns", sql.INSERT_TURNS, [
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
        this.#query("insertKeys", sql.INSERT_KEYS, [
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

  #putResponses({ responses }: WriteRound): Answer {
    const all = [...responses.values()]
    return this.#query("putResponses", sql.PUT_RESPONSES, [
      integerArray(all.map(({ run }) => run.day)),
      bigintArray(all.map(({ run }) => run.runNo)),
      textArray(all.map(({ id }) => exactText(id))),
      textArray(all.map(({ usage }) => JSON.stringify(usage))),
    ])
  }

  #updateRuns(changed: readonly HeldRun[]): Answer {
    return this.#query("updateRuns", sql.UPDATE_RUNS, [
      bigintArray(changed.map((run) => run.runNo)),
      ...hotArrays(changed.map(rowOf)),
      textArray(changed.map((run) => run.ownerNode)),
      integerArray(changed.map((run) => run.ownerEpoch)),
      integerArray(changed.map((run) => run.textsVersion)),
      bigintArray(changed.map((run) => run.graceMs ?? null)),
    ])
  }

  #query(name: string, text: string, values?: readonly unknown[]): Answer {
    this.statements += 1
    const statement = values === undefined ? { text } : { name, text, values: [...values] }
    return this.#client.query<unknown[]>({ ...statement, rowMode: "array" })
  }
}

/** Awaits all, then throws the first error. */
async function allDone(promises: readonly unknown[]): Promise<void> {
  const settled = await Promise.allSettled(promises)
  for (const result of settled) if (result.status === "rejected") throw result.reason
}

function rowOf(run: HeldRun): RunRow {
  return run.row
}

function textsById(rows: readonly SqlRow[]): Map<string, { version: number; texts: RunTexts }> {
  return new Map(
    rows.map(([runId, version, texts]) => [
      String(runId),
      { version: Number(version), texts: JSON.parse(String(texts)) },
    ]),
  )
}

/** The columns of the lock statements. */
function heldRun(columns: SqlRow, texts: Map<string, { version: number; texts: RunTexts }>): HeldRun {
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
