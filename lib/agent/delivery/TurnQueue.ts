import type { ChildLink } from "@/lib/agent/AgentTurn"
import type { PreparedTurn } from "@/lib/agent/turn/prepareTurn"
import { LIMITS } from "@/lib/protocol/limits"
import type { TurnInput } from "@/lib/protocol/turn"
import { type BufferBudget, TURN_OVERHEAD_BYTES } from "./BufferBudget"
import { randomKey } from "./randomKey"

/** A batch is closed at this size, far under the message limit, so that a slow line still acknowledges in time. */
export const BATCH_BYTES = 1024 * 1024

export type QueuedTurn = PreparedTurn & { child?: ChildLink }

/** Turns under one idempotency key; the same turns under the same key until the server has answered. */
export type TurnBatch = { key: string; turns: TurnInput[]; bytes: number }

/**
 * A run's turns on their way, in order. The turns at the head form one batch, which stays as it is until it is
 * acknowledged, split, or its only turn replaced: whatever is sent again under a key is the same.
 */
export class TurnQueue {
  private readonly turns: QueuedTurn[] = []
  private batch: TurnBatch | undefined
  private nextLimit: number = LIMITS.turnsPerBatch

  constructor(private readonly budget: BufferBudget) {}

  get length(): number {
    return this.turns.length
  }

  /** Puts a turn at the end; false, with nothing kept, when the budget is spent (`force`: never). */
  push(turn: QueuedTurn, force = false): boolean {
    const bytes = turn.bytes + TURN_OVERHEAD_BYTES
    if (force) this.budget.force(bytes)
    else if (!this.budget.take(bytes)) return false
    this.turns.push(turn)
    return true
  }

  /** The batch to send now; undefined when nothing waits, or the first turn waits for its child's name. */
  head(): TurnBatch | undefined {
    if (this.batch !== undefined) return this.batch
    const turns: TurnInput[] = []
    let bytes = 0
    for (const queued of this.turns) {
      if (turns.length >= this.nextLimit || queued.child?.startSettled === false) break
      if (turns.length > 0 && bytes + queued.bytes > BATCH_BYTES) break
      turns.push(withChild(queued))
      bytes += queued.bytes
    }
    if (turns.length > 0) this.batch = { key: randomKey(), turns, bytes }
    return this.batch
  }

  /** The child that the first turn waits for, if it does. */
  get awaitedChild(): ChildLink | undefined {
    const child = this.turns[0]?.child
    return this.batch === undefined && child?.startSettled === false ? child : undefined
  }

  /** The head batch is stored: lets go of it. */
  acknowledge(): void {
    const count = this.batch?.turns.length ?? 0
    for (const turn of this.turns.splice(0, count)) this.budget.free(turn.bytes + TURN_OVERHEAD_BYTES)
    this.batch = undefined
    // Doubles after a split, so that one bad turn doesn't leave a run in small batches.
    this.nextLimit = Math.min(LIMITS.turnsPerBatch, this.nextLimit * 2)
  }

  /** The head batch was refused and is not stored: its turns go out again in halves, under new keys. */
  split(): void {
    this.nextLimit = Math.max(1, (this.batch?.turns.length ?? 2) >> 1)
    this.batch = undefined
  }

  /** Puts another turn in the place of the first, which was refused and is not stored. */
  replaceFirst(turn: PreparedTurn): void {
    const first = this.turns[0]
    if (first === undefined) return
    this.budget.free(first.bytes + TURN_OVERHEAD_BYTES)
    this.budget.force(turn.bytes + TURN_OVERHEAD_BYTES)
    this.turns[0] = turn
    this.batch = undefined
  }

  /** Drops everything; how many turns that were. */
  clear(): number {
    const dropped = this.turns.splice(0)
    for (const turn of dropped) this.budget.free(turn.bytes + TURN_OVERHEAD_BYTES)
    this.batch = undefined
    return dropped.length
  }
}

function withChild({ turn, child }: QueuedTurn): TurnInput {
  return child?.runId === undefined ? turn : { ...turn, child_run_id: child.runId }
}
