import type { DialectProgress, Operation, TurnOperation, WaitOperation } from "@/lib/dialects/operations"
import type { ProgressInput } from "@/lib/protocol/commands"
import { LIMITS } from "@/lib/protocol/limits"
import type { TurnInput } from "@/lib/protocol/turn"
import { StoreUnavailableError } from "@/server/store/RunStore"
import { ForeignRun, type ForeignRunParts } from "./ForeignRun"
import type { OperationWriter } from "./OperationWriter"
import { type PreparedTurn, prepareTurn } from "./prepareTurn"
import { progressInput } from "./progressInput"

const BATCH_BYTES = 2 * 1024 * 1024
const FIRST_RETRY_MS = 250
const MAX_RETRY_MS = 15_000

export type ForeignRunWriterParts = ForeignRunParts & {
  maxTurnBytes: number
  /** Called after an `end` operation has been carried out. */
  onEnd(requests: ReadonlySet<number>): void
  /** Called with the change in the number of queued operations. */
  onPending(change: number): void
  onTurns(count: number): void
  /** Called for turns that couldn't be stored: the run was deleted, ended by another writer, or is full. */
  onLost(count: number, reason: string): void
  logError(error: unknown): void
}

/** Carries out the operations of one foreign run, in order, and retries while the store is unavailable. */
export class ForeignRunWriter implements OperationWriter {
  readonly #parts: ForeignRunWriterParts
  readonly #run: ForeignRun
  readonly requests: ReadonlySet<number>[] = []
  readonly #queue: Operation[] = []
  #usedAt = 0
  #progress: DialectProgress | null = null
  #waiting: WaitOperation["waiting"] = null
  #isDraining = false
  #isClosed = false

  constructor(parts: ForeignRunWriterParts) {
    this.#parts = parts
    this.#run = new ForeignRun(parts)
  }

  isIdleSince(time: number): boolean {
    return this.#queue.length === 0 && this.#usedAt < time
  }

  push(operations: readonly Operation[]): void {
    for (const operation of operations) this.#queue.push(operation)
    this.#usedAt = this.#parts.clock.now()
    this.#parts.onPending(operations.length)
    if (!this.#isDraining) void this.#drain()
  }

  close(): void {
    this.#isClosed = true
  }

  async #drain(): Promise<void> {
    this.#isDraining = true
    let retryMs = FIRST_RETRY_MS
    while (this.#queue.length > 0 && !this.#isClosed) {
      if (await this.#tryStep()) retryMs = FIRST_RETRY_MS
      else {
        await this.#wait(retryMs)
        retryMs = Math.min(MAX_RETRY_MS, retryMs * 2)
      }
    }
    this.#isDraining = false
  }

  /**
   * Carries out a step. An operation that fails although the store is available is dropped, because it would fail
   * again.
   */
  async #tryStep(): Promise<boolean> {
    try {
      return await this.#step()
    } catch (error) {
      if (error instanceof StoreUnavailableError) return false
      this.#parts.logError(error)
      const [failed] = this.#queue
      if (failed?.op === "turn") this.#parts.onLost(1, "failed")
      if (failed !== undefined) this.#take(1)
      if (failed?.op === "end") this.#parts.onEnd(this.requests.shift() ?? new Set())
      return true
    }
  }

  /**
   * Carries out the next operations. Returns false if the store is unavailable; the operations then stay in the queue.
   */
  async #step(): Promise<boolean> {
    const next = this.#queue[0]
    if (next === undefined) return true
    if (next.op === "turn") return this.#recordTurns()
    if (next.op === "progress" || next.op === "wait") {
      this.#take(1)
      if (next.op === "progress") this.#progress = next.progress
      else this.#waiting = next.waiting
      const follows = this.#queue[0]?.op
      if (follows !== "progress" && follows !== "wait" && follows !== "turn")
        await this.#run.report(this.#progressInput())
      return true
    }
    if (next.op === "end" && this.#run.isOpen) {
      this.#progress = null
      this.#waiting = null
    }
    const isDone =
      next.op === "start"
        ? await this.#run.begin(next)
        : next.op === "update"
          ? await this.#run.update(next)
          : await this.#run.end(next)
    if (isDone) {
      this.#take(1)
      if (next.op === "end") this.#parts.onEnd(this.requests.shift() ?? new Set())
    }
    return isDone
  }

  #take(count: number): void {
    this.#queue.splice(0, count)
    this.#parts.onPending(-count)
  }

  async #recordTurns(): Promise<boolean> {
    const batch = this.#nextBatch()
    const fresh = batch.filter((turn) => !this.#run.isStored(turn))
    if (fresh.length === 0 || !this.#run.isOpen) {
      if (fresh.length > 0 && !this.#run.isFollowing) this.#parts.onLost(fresh.length, "run")
      this.#take(batch.length)
      return true
    }
    this.#takeProgressAfter(batch.length)
    const result = await this.#run.record(fresh, this.#progressInput())
    if (result === "retry") return false
    if (result === "stored") this.#parts.onTurns(fresh.length)
    else this.#parts.onLost(fresh.length, result.refused)
    this.#take(batch.length)
    return true
  }

  #nextBatch(): TurnInput[] {
    const turns: TurnInput[] = []
    let bytes = 0
    for (const operation of this.#queue) {
      if (operation.op !== "turn" || turns.length >= LIMITS.turnsPerBatch) break
      const prepared = this.#prepare(operation, turns.length === 0)
      if (prepared === undefined || (turns.length > 0 && bytes + prepared.bytes > BATCH_BYTES)) break
      bytes += prepared.bytes
      turns.push(prepared.turn)
    }
    return turns
  }

  /**
   * Prepares a turn. If that fails, the batch ends before the turn, and the turn then fails alone in the next batch.
   */
  #prepare(operation: TurnOperation, isFirst: boolean): PreparedTurn | undefined {
    const { clock, maxTurnBytes } = this.#parts
    try {
      return prepareTurn(operation.turn, operation.id, clock.now(), maxTurnBytes - 64 * 1024)
    } catch (error) {
      if (isFirst) throw error
      return undefined
    }
  }

  /** Applies the progress that directly follows a batch of turns, so that it is sent with the batch. */
  #takeProgressAfter(count: number): void {
    for (const operation of this.#queue.slice(count)) {
      if (operation.op === "progress") this.#progress = operation.progress
      else if (operation.op === "wait") this.#waiting = operation.waiting
      else break
    }
  }

  #progressInput(): ProgressInput | null {
    return progressInput(this.#progress, this.#waiting, this.#parts.clock.now())
  }

  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => this.#parts.clock.setTimeout(resolve, ms))
  }
}
