import type { PreparedTurn } from "@/lib/agent/turn/prepareTurn"
import type {
  EndOperation,
  Operation,
  StartOperation,
  TurnOperation,
  UpdateOperation,
} from "@/lib/dialects/operations"
import { LIMITS } from "@/lib/protocol/limits"
import { turnPayload } from "./runPayloads"

/**
 * The maximum size of a batch. It is far below the limit of a message, so that the server can acknowledge in time even
 * on a slow connection.
 */
const BATCH_BYTES = 1024 * 1024

export type QueuedTurn = {
  op: "turn"
  operation: TurnOperation
  prepared: PreparedTurn
  /** Set for a note that replaces a turn which the server refused. */
  refused?: true
}
type Queued = QueuedTurn | StartOperation | UpdateOperation | EndOperation

/** The operations that haven't been sent yet, in the order in which they will be sent. */
export class OperationQueue {
  private items: Queued[] = []
  private batchLimit: number = LIMITS.turnsPerBatch
  /** The size of the queued turns in bytes. */
  bytes = 0

  constructor(private readonly content: boolean) {}

  get length(): number {
    return this.items.length
  }

  push(operation: Exclude<Operation, { op: "progress" | "wait" }>): void {
    if (operation.op !== "turn") {
      this.items.push(operation)
      return
    }
    const prepared = turnPayload(operation.turn, this.content)
    this.bytes += prepared.bytes
    this.items.push({ op: "turn", operation, prepared })
  }

  head(): Queued | undefined {
    return this.items[0]
  }

  shift(): void {
    this.remove(1)
  }

  remove(count: number): void {
    for (const item of this.items.splice(0, count)) if (item.op === "turn") this.bytes -= item.prepared.bytes
  }

  clear(): void {
    this.items = []
    this.bytes = 0
  }

  /** Returns the turns at the head of the queue that fit into one batch. */
  batch(): QueuedTurn[] {
    const turns: QueuedTurn[] = []
    let bytes = 0
    for (const item of this.items) {
      if (item.op !== "turn" || turns.length >= this.batchLimit) break
      bytes += item.prepared.bytes
      if (turns.length > 0 && bytes > BATCH_BYTES) break
      turns.push(item)
    }
    return turns
  }

  /** Halves the size of batches. Returns false if the batch already has a single turn. */
  halve(): boolean {
    const count = this.batch().length
    if (count <= 1) return false
    this.batchLimit = count >> 1
    return true
  }

  restoreBatches(): void {
    this.batchLimit = LIMITS.turnsPerBatch
  }

  replaceFirst(prepared: PreparedTurn): void {
    const first = this.items[0]
    if (first?.op !== "turn") return
    this.bytes += prepared.bytes - first.prepared.bytes
    this.items[0] = { ...first, prepared, refused: true }
    this.restoreBatches()
  }

  /** Drops up to `count` consecutive turns at the head of the queue. Returns how many it dropped. */
  skipTurns(count: number): number {
    const other = this.items.findIndex(({ op }) => op !== "turn")
    const skipped = Math.min(count, other < 0 ? this.items.length : other)
    this.remove(skipped)
    return skipped
  }

  /**
   * Returns the turn that starts a run: the first one that isn't a system event. Returns undefined if there is none
   * before the first end.
   */
  firstActing(): QueuedTurn | undefined {
    for (const item of this.items) {
      if (item.op === "end") return undefined
      if (item.op === "turn" && item.operation.turn.kind !== "system") return item
    }
    return undefined
  }

  /** Drops the first end in the queue. Returns false if there is none. */
  dropEnd(): boolean {
    const index = this.items.findIndex(({ op }) => op === "end")
    if (index >= 0) this.items.splice(index, 1)
    return index >= 0
  }

  /**
   * Returns true if nothing can be sent: the queue is empty, or no run is open and the queue has no turn that starts
   * one.
   */
  settled(open: boolean): boolean {
    return this.items.length === 0 || (!open && this.firstActing() === undefined)
  }
}
