import type { Client } from "pg"
import { isStorable } from "@/server/search/searchText"
import { StoreUnavailableError } from "@/server/store/RunStore"
import { textArray } from "./binaryArrays"
import type { Operation } from "./Operation"
import {
  childCounts,
  continuationsOf,
  heldRun,
  runsByKey,
  storedBatches,
  textsById,
  usedByResponses,
} from "./readFacts"
import { keyOf, type RoundFacts } from "./roundFacts"
import * as sql from "./roundSql"
import type { Send, StatementResult } from "./Send"
import { sendChanges } from "./sendChanges"
import { WriteRound } from "./WriteRound"

/** Thrown when a write is refused because the node's lease has expired: other nodes may have taken over its runs. */
export class LeaseExpiredError extends StoreUnavailableError {}

/** The writing node of a cluster. */
export type RoundNode = {
  id: string
  /** The grace period of runs that don't have their own. */
  graceMs: number
  /** The maximum time of a round. The lease must be valid for at least that long. */
  roundMs: number
}

/**
 * The transaction of a write round: locks and reads in one pipeline, applies the operations in memory, then writes and
 * commits in a second pipeline. If the node is suspended in between, the server soon ends the transaction.
 */
export class RoundTransaction {
  statements = 0
  readonly #client: Client
  readonly #node: RoundNode | undefined

  /** `node`: the writing node of a cluster. */
  constructor(client: Client, node: RoundNode | undefined) {
    this.#client = client
    this.#node = node
  }

  /**
   * Commits operations. With `skipLocked`, operations that need a row locked by another transaction are left out.
   *
   * @returns each operation's value, and the positions of the operations that were left out.
   * @throws {LeaseExpiredError} if the node's lease has expired.
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
      // Later operations on the same run must wait, too, to keep the order.
      if (!runIds.some((runId) => heldIds.has(runId))) return operation.apply(round)
      for (const runId of runIds) heldIds.add(runId)
      held.add(at)
      return undefined
    })
    const writes = sendChanges(this.#send, round, this.#node?.id ?? null)
    if (operations.some(({ beats }) => beats)) writes.push(this.#send("beat", sql.BEAT))
    writes.push(this.#send("commit", "COMMIT"))
    await allDone(writes)
    return { values, held }
  }

  /** Ends the transaction. Rejects if the connection doesn't respond. */
  async rollBack(): Promise<void> {
    await this.#client.query("ROLLBACK")
  }

  async #lock(operations: readonly Operation<unknown>[], skipLocked: boolean) {
    const begun = this.#send("begin", "BEGIN")
    const leased = this.#checkLease()
    const keyed = operations.flatMap(({ startKey }) => (startKey ? [startKey] : []))
    const findingByKey = keyed.length === 0 ? [] : runsByKey(this.#send, keyed)
    // Awaited together, because an unhandled rejection would end the process.
    if (keyed.length > 0) await allDone([begun, leased, findingByKey])
    const byKey = await findingByKey
    const ids = [
      ...new Set([...operations.flatMap(({ runIds }) => runIds), ...byKey.map(({ runId }) => runId)]),
    ].filter(isStorable)
    const idArray = textArray(ids)
    const lockName = skipLocked ? "lockFree" : "lock"
    const locking = this.#send(lockName, skipLocked ? sql.LOCK_FREE_RUNS : sql.LOCK_RUNS, [idArray])
    const reading = this.#send("texts", sql.RUN_TEXTS, [idArray])
    const batches = storedBatches(
      this.#send,
      operations.flatMap(({ batchKey }) => (batchKey ? [batchKey] : [])),
    )
    const responses = usedByResponses(
      this.#send,
      operations.flatMap(({ responses }) => responses ?? []),
    )
    const children = childCounts(
      this.#send,
      operations.flatMap(({ starts }) => starts ?? []),
    )
    const continuations = continuationsOf(
      this.#send,
      operations.flatMap(({ imports }) => imports ?? []),
    )
    const existing = skipLocked ? this.#send("existing", sql.EXISTING_RUNS, [idArray]) : undefined
    await allDone([begun, leased, locking, reading, batches, responses, children, continuations, existing])
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
      continuations: await continuations,
    }
    return { facts, heldIds }
  }

  async #checkLease(): Promise<void> {
    if (this.#node === undefined) return
    const { rows } = await this.#send("lease", sql.CHECK_LEASE, [this.#node.id, this.#node.roundMs])
    if (rows.length === 0) throw new LeaseExpiredError("The node's lease has expired")
  }

  readonly #send: Send = (name, text, values): StatementResult => {
    this.statements += 1
    const statement = values === undefined ? { text } : { name, text, values: [...values] }
    return this.#client.query<unknown[]>({ ...statement, rowMode: "array" })
  }
}

/** Waits for all promises, then throws the first error. */
async function allDone(promises: readonly unknown[]): Promise<void> {
  const settled = await Promise.allSettled(promises)
  for (const result of settled) if (result.status === "rejected") throw result.reason
}
