import type { ChildLink } from "@/lib/agent/AgentTurn"
import type { PreparedTurn } from "@/lib/agent/turn/prepareTurn"
import { LIMITS } from "@/lib/protocol/limits"
import type { TurnInput } from "@/lib/protocol/turn"
import { type BufferBudget, TURN_OVERHEAD_BYTES } from "./BufferBudget"
import { randomKey } from "./randomKey"

/**
 * Maximum size of a batch, far below the message limit, so that even on slow connections batches are acknowledged in
 * time.
 */
const BATCH_BYTES = 1024 * 1024

export type QueuedTurn = PreparedTurn & { child?: ChildLink }

/** Turns sent under one idempotency key until the server replies. */
export type TurnBatch = {
  key: string
  turns: TurnInput[]
  bytes: number
  /** The only index at which the server may store the batch. Set when it is sent. */
  index?: number
}

/**
 * A run's turns that aren't stored yet, in order. The turns at the head form a batch, which doesn't change until it is
 * acknowledged or split, or its only turn is replaced: a key always identifies the same turns.
 */
export class TurnQueue {
  private readonly turns: QueuedTurn[] = []
  private batch: TurnBatch | undefined
  private divided: TurnBatch | undefined
  private maxTurns: number = LIMITS.turnsPerBatch

  constructor(private readonly budget: BufferBudget) {}

  get length(): number {
    return this.turns.length
  }

  /** The batch that was split to form the head, if the server may have stored it. */
  get inDoubt(): TurnBatch | undefined {
    return this.divided
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
    const taken = firstBatch(this.turns, this.maxTurns, ({ child }) => child?.startSettled !== false)
    if (taken.length > 0) this.batch = batchOf(taken)
    return this.batch
  }

  /** Removes the head batch after it was stored. */
  acknowledge(): void {
    this.drop(this.batch?.turns.length ?? 0)
    // Grows again after a split, so that one bad turn doesn't reduce the run to small batches for good.
    this.maxTurns = Math.min(LIMITS.turnsPerBatch, this.maxTurns * 2)
  }

  /** Removes the first `count` turns, or all if there are fewer. Returns how many were removed. */
  drop(count: number): number {
    const dropped = this.turns.splice(0, count)
    for (const turn of dropped) this.budget.release(turn.bytes + TURN_OVERHEAD_BYTES)
    this.batch = undefined
    this.divided = undefined
    return dropped.length
  }

  /** Halves the head batch. Its turns are sent again under new keys. `isRefused`: the batch is known not to be stored. */
  split(isRefused = true): void {
    this.maxTurns = Math.max(1, (this.batch?.turns.length ?? 2) >> 1)
    if (!isRefused) this.divided ??= this.batch
    this.batch = undefined
  }

  /** Call when it is certain that the batch in doubt isn't stored and never will be. */
  clearDoubt(): void {
    this.divided = undefined
  }

  /** Replaces the first turn, which isn't stored. */
  replaceFirst(turn: PreparedTurn): void {
    const first = this.turns[0]
    if (first === undefined) return
    this.budget.release(first.bytes + TURN_OVERHEAD_BYTES)
    this.budget.force(turn.bytes + TURN_OVERHEAD_BYTES)
    this.turns[0] = turn
    this.batch = undefined
  }

  /** Removes all turns. Returns how many were removed. */
  clear(): number {
    return this.drop(this.turns.length)
  }

  /** Iterates over all batches, starting with the head, without removing them. Includes turns whose child has no id yet. */
  *batches(): Generator<{ key: string; turns: QueuedTurn[] }> {
    const first = this.head()?.turns.length ?? 0
    if (first > 0) yield { key: this.batch?.key ?? randomKey(), turns: this.turns.slice(0, first) }
    for (let rest = this.turns.slice(first); rest.length > 0; ) {
      const turns = firstBatch(rest, LIMITS.turnsPerBatch, () => true)
      rest = rest.slice(turns.length)
      yield { key: randomKey(), turns }
    }
  }
}

/** Returns as many of the first turns as fit in a batch, up to one that isn't ready. */
function firstBatch(
  turns: readonly QueuedTurn[],
  maxTurns: number,
  isReady: (turn: QueuedTurn) => boolean,
): QueuedTurn[] {
  let bytes = 0
  let count = 0
  for (const turn of turns) {
    bytes += turn.bytes
    if (count >= maxTurns || (count > 0 && bytes > BATCH_BYTES) || !isReady(turn)) break
    count++
  }
  return turns.slice(0, count)
}

function batchOf(queued: readonly QueuedTurn[]): TurnBatch {
  const bytes = queued.reduce((sum, turn) => sum + turn.bytes, 0)
  return { key: randomKey(), turns: queued.map(wireTurn), bytes }
}

/** Returns a turn as it is sent, with its child's id if it is known. */
export function wireTurn({ turn, child }: QueuedTurn): TurnInput {
  return child?.runId === undefined ? turn : { ...turn, child_run_id: child.runId }
}
