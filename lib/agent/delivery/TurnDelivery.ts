import { AgentError } from "@/lib/agent/AgentError"
import type { WireError } from "@/lib/protocol/codes"
import type { NoReply } from "./AgentConnection"
import { BatchBisector } from "./BatchBisector"
import type { DeliveryOptions } from "./DeliveryOptions"
import type { TurnBatch, TurnQueue } from "./TurnQueue"

type TurnDeliveryParts = {
  connection: DeliveryOptions["connection"]
  queue: TurnQueue
  /** True if turns are numbered in the order they are recorded, see `DeliveryOptions`. */
  isIndexed: boolean
  /** True if nothing more is delivered. */
  isOver: () => boolean
  report: (error: AgentError) => void
  /** Called after turns were stored or dropped. */
  onSettled: () => void
  onStored: () => void
  /** Called for an error that isn't about the turns. Resolves with true if the command should be repeated. */
  onError: (reply: NoReply | { ok: false; error: WireError }) => Promise<boolean>
  /** Called if no turn of the run can be stored anymore. */
  onHopeless: (error: AgentError) => void
}

/**
 * Delivers the queued turns of a run. Each batch has an idempotency key and the only index at which the server may store
 * it. This makes every turn arrive exactly once, even if batches arrive late or twice.
 */
export class TurnDelivery {
  private readonly bisector: BatchBisector
  /** How many turns were stored or dropped. */
  settled = 0
  /** The index of the queue's first turn, if turns are indexed. */
  position = 0
  /** The number of turns in the run, as far as is known. */
  private cursor = 0

  constructor(private readonly parts: TurnDeliveryParts) {
    this.bisector = new BatchBisector(parts.queue, parts.report)
  }

  /** True if the run has as many turns as the server allows. */
  get isFull(): boolean {
    return this.bisector.isFull
  }

  /** Call when the run was started or taken over, with its number of turns. */
  startAt(cursor: number): void {
    this.cursor = cursor
    this.skipTo(cursor)
  }

  /** Call after the run was taken over. Returns false if the run is over. */
  async onTakenOver(run_id: string): Promise<boolean> {
    const { queue } = this.parts
    const batch = queue.head()
    if (batch?.index === undefined || queue.inDoubt !== undefined || !this.bisector.isSuspect(batch))
      return true
    // Turns were stored after the batch was sent: those of this batch, or another writer's.
    if (batch.index < this.cursor) return this.settleDoubt(run_id, batch, batch.index)
    if (batch.index === this.cursor) this.bisector.shrinkHead(batch)
    return true
  }

  /** Counts turns that were stored or dropped. */
  settle(turns: number): void {
    this.settled += turns
    this.parts.onSettled()
  }

  /** Sends a batch. Returns false if the run is over. */
  async send(run_id: string, batch: TurnBatch): Promise<boolean> {
    const { connection, queue, isIndexed, onStored } = this.parts
    batch.index ??= isIndexed ? this.position : this.cursor
    const reply = await connection.call("runs.record_turns", {
      run_id,
      turns: batch.turns,
      idempotency_key: batch.key,
      // The index makes the server refuse this batch if it arrives late, over a connection that was abandoned.
      expected_index: batch.index,
    })
    if (this.parts.isOver()) return false
    if (reply.ok) {
      this.cursor = Math.max(this.cursor, reply.base_index + reply.count)
      this.position = reply.base_index + reply.count
      onStored()
      this.bisector.onStored()
      queue.acknowledge()
      this.settle(batch.turns.length)
      return true
    }
    if ("lost" in reply) {
      if (reply.lost === "disconnected") this.bisector.onLost(batch)
      return this.parts.onError(reply)
    }
    const { error } = reply
    if (error.code === "index_conflict") return this.resolveConflict(run_id, batch, error)
    if (!this.bisector.isAboutTurns(error)) return this.parts.onError(reply)
    const dropped = this.bisector.onRefused(batch, error, reply.dropped)
    if (dropped === undefined) this.parts.onHopeless(new AgentError(error.code, error.message))
    else this.settle(dropped)
    return true
  }

  /**
   * Handles a cursor that differs from the batch's index. The batch isn't stored: the server checks the batch's key
   * first, and would have recognized it.
   */
  private resolveConflict(run_id: string, batch: TurnBatch, error: WireError): Promise<boolean> | boolean {
    const { isIndexed, queue } = this.parts
    const { cursor } = error
    if (cursor === undefined || cursor === batch.index || (isIndexed && cursor < this.position))
      return this.parts.onError({ ok: false, error })
    this.cursor = cursor
    if (isIndexed) {
      this.skipTo(cursor)
      return true
    }
    const { inDoubt } = queue
    if (inDoubt?.index !== undefined && inDoubt.index < cursor)
      return this.settleDoubt(run_id, inDoubt, inDoubt.index)
    // Another writer has appended turns.
    batch.index = cursor
    return true
  }

  /**
   * Finds out whether a batch whose index is below the run's cursor is stored, by sending a turn with the batch's key
   * and index. If the batch is stored, the server knows the key. If not, the server refuses the turn, and will refuse
   * the batch if it arrives later.
   */
  private async settleDoubt(run_id: string, { key, turns }: TurnBatch, index: number): Promise<boolean> {
    const { connection, queue } = this.parts
    const reply = await connection.call("runs.record_turns", {
      run_id,
      turns: [{ kind: "system", event: "probe" }],
      idempotency_key: key,
      expected_index: index,
    })
    if (this.parts.isOver()) return false
    if (reply.ok) {
      this.bisector.onStored()
      queue.drop(turns.length)
      this.settle(turns.length)
      return true
    }
    if ("lost" in reply || reply.error.code !== "index_conflict") return this.parts.onError(reply)
    queue.clearDoubt()
    const head = queue.head()
    if (head !== undefined) head.index = this.cursor
    return true
  }

  /** Skips turns that the run already has. */
  private skipTo(cursor: number): void {
    if (!this.parts.isIndexed || cursor <= this.position) return
    const skipped = this.parts.queue.drop(cursor - this.position)
    this.position += skipped
    this.settle(skipped)
  }
}
