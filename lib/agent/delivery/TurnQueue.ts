import type { ChildLink } from "@/lib/agent/AgentTurn"
import type { PreparedTurn } from "@/lib/agent/turn/prepareTurn"
import { LIMITS } from "@/lib/protocol/limits"
import type { TurnInput } from "@/lib/protocol/turn"
import { type BufferBudget, TURN_OVERHEAD_BYTES } from "./BufferBudget"
import { randomKey } from "./randomKey"

/** Maximum size of a batch, far below the message limit, so that slow connections acknowledge in time. */
const BATCH_BYTES = 1024 * 1024

export type QueuedTurn = PreparedTurn & { child?: ChildLink }

/** Turns sent under one idempotency key until the server replies. */
export type TurnBatch = {
  key: string
  turns: TurnInput[]
  bytes: number
  /** The run's cursor when the batch was first sent. As long as the cursor is the same, the batch isn't stored. */
  sentAtCursor?: number
}

/**
 * A run's turns that aren't stored yet, in order. The turns at the head form a batch, which doesn't change until it is
 * acknowledged, split, or its only turn is replaced: a key always identifies the same turns.
 */
export class TurnQueue {
  private readonly turns: QueuedTurn[] = []
  private batch: TurnBatch | undefined
  private maxTurns: number = LIMITS.turnsPerBatch

  constructor(private readonly budget: BufferBudget) {}

  get length(): number {
    return this.turns.length
  }

  /** Appends a turn. Returns false, and drops the turn, if the budget is exhausted. `force` ignores the budget. */
  push(turn: QueuedTurn, force = false): boolean {
    const bytes = turn.bytes + TURN_OVERHEAD_BYTES
    if (force) this.budget.force(bytes)
    else if (!this.budget.take(bytes)) return false
    this.turns.push(turn)
    return true
  }

  /** Returns the batch to send, or undefined if the queue is empty or its first turn is waiting for its child's id. */
  head(): TurnBatch | undefined {
    if (this.batch !== undefined) return this.batch
    const turns: TurnInput[] = []
    let bytes = 0
    for (const queued of this.turns) {
      if (turns.length >= this.maxTurns || queued.child?.startSettled === false) break
      if (turns.length > 0 && bytes + queued.bytes > BATCH_BYTES) break
      turns.push(withChild(queued))
      bytes += queued.bytes
    }
    if (turns.length > 0) this.batch = { key: randomKey(), turns, bytes }
    return this.batch
  }

  /** Removes the head batch after it was stored. */
  acknowledge(): void {
    this.drop(this.batch?.turns.length ?? 0)
    // Grows again after a split, so that one bad turn doesn't reduce the run to small batches for good.
    this.maxTurns = Math.min(LIMITS.turnsPerBatch, this.maxTurns * 2)
  }

  /** Removes the first `count` turns. Returns how many there were. */
  drop(count: number): number {
    const dropped = this.turns.splice(0, count)
    for (const turn of dropped) this.budget.release(turn.bytes + TURN_OVERHEAD_BYTES)
    this.batch = undefined
    return dropped.length
  }

  /** Halves the head batch after it was refused. Its turns are sent again under new keys. */
  split(): void {
    this.maxTurns = Math.max(1, (this.batch?.turns.length ?? 2) >> 1)
    this.batch = undefined
  }

  /** Replaces the first turn after it was refused. */
  replaceFirst(turn: PreparedTurn): void {
    const first = this.turns[0]
    if (first === undefined) return
    this.budget.release(first.bytes + TURN_OVERHEAD_BYTES)
    this.budget.force(turn.bytes + TURN_OVERHEAD_BYTES)
    this.turns[0] = turn
    this.batch = undefined
  }

  /** Removes all turns. Returns how many there were. */
  clear(): number {
    return this.drop(this.turns.length)
  }

  /** Iterates over all batches, starting with the head, without removing them. */
  *batches(): Generator<TurnBatch> {
    const head = this.head()
    if (head === undefined) return
    yield head
    let rest = this.turns.slice(head.turns.length)
    while (rest.length > 0) {
      const turns = rest.slice(0, LIMITS.turnsPerBatch)
      rest = rest.slice(turns.length)
      yield { key: randomKey(), turns: turns.map(withChild), bytes: 0 }
    }
  }
}

function withChild({ turn, child }: QueuedTurn): TurnInput {
  return child?.runId === undefined ? turn : { ...turn, child_run_id: child.runId }
}
