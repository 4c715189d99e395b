import { createHash } from "node:crypto"
import type {
  DialectProgress,
  Operation,
  StartOperation,
  TurnOperation,
  WaitOperation,
} from "@/lib/dialects/operations"
import type { Principal } from "@/lib/protocol/access"
import type { ProgressInput } from "@/lib/protocol/commands"
import { LIMITS } from "@/lib/protocol/limits"
import type { TurnInput } from "@/lib/protocol/turn"
import { type Clock, isoTime } from "@/server/platform/Clock"
import { findSessionRun } from "@/server/registry/findSessionRun"
import type { RunOwner } from "@/server/registry/RegistryEvents"
import type { RunRegistry } from "@/server/registry/RunRegistry"
import { type RunStore, StoreUnavailableError } from "@/server/store/RunStore"
import { cutLabels } from "./cutLabels"
import type { OperationWriter } from "./OperationWriter"
import { cutName, cutText, isPlausible, type PreparedTurn, prepareTurn } from "./prepareTurn"
import { progressInput } from "./progressInput"
import { StoredTurns, turnIds } from "./StoredTurns"
import { startPayload } from "./startPayload"

const BATCH_BYTES = 2 * 1024 * 1024
const FIRST_RETRY_MS = 250
const MAX_RETRY_MS = 15_000

export type RunWriterParts = {
  registry: RunRegistry
  store: Pick<RunStore, "turns" | "list">
  clock: Clock
  owner: RunOwner
  principal: Principal
  /** Unique among the foreign runs of all tokens. */
  idempotencyKey: string
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
export class RunWriter implements OperationWriter {
  readonly #parts: RunWriterParts
  readonly requests: ReadonlySet<number>[] = []
  readonly #queue: Operation[] = []
  #usedAt = 0
  #start: StartOperation | undefined
  #runId: string | undefined
  /** The number of turns of the run, as far as known. */
  #cursor = 0
  /** The turns that the run already had when it was found again. */
  #stored: StoredTurns | undefined
  #progress: DialectProgress | null = null
  #waiting: WaitOperation["waiting"] = null
  #reported = "null"
  #isDraining = false
  #isLost = false
  /** True if another writer writes this session's run: a watcher of its file, or its hooks. */
  #isFollowing = false
  #isClosed = false

  constructor(parts: RunWriterParts) {
    this.#parts = parts
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

  /** Carries out a step. An operation that fails although the store is available is dropped, because it would fail again. */
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

  /** Carries out the next operations. Returns false if the store is unavailable: they stay in the queue. */
  async #step(): Promise<boolean> {
    const next = this.#queue[0]
    if (next === undefined) return true
    if (next.op === "turn") return this.#recordTurns()
    if (next.op === "progress" || next.op === "wait") {
      this.#take(1)
      if (next.op === "progress") this.#progress = next.progress
      else this.#waiting = next.waiting
      const follows = this.#queue[0]?.op
      if (follows !== "progress" && follows !== "wait" && follows !== "turn") await this.#report()
      return true
    }
    const isDone =
      next.op === "start"
        ? await this.#begin(next)
        : next.op === "update"
          ? await this.#update(next)
          : await this.#end(next)
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

  async #begin(operation: StartOperation): Promise<boolean> {
    const { registry, owner, principal, clock, idempotencyKey } = this.#parts
    this.#start = operation
    if (this.#runId !== undefined) return true
    this.#isFollowing = await this.#isWrittenElsewhere(operation)
    if (this.#isFollowing) return true
    const payload = startPayload(operation, idempotencyKey, clock.now())
    if (isSession(operation)) payload.labels = { ...payload.labels, ...sessionLabels(operation) }
    const reply = await registry.start(owner, principal, payload)
    if (!reply.ok) return this.#refused(reply.error.code)
    if (!reply.created && reply.cursor > 0) await this.#readStored(reply.run_id)
    else this.#cursor = reply.cursor
    this.#runId = reply.run_id
    this.#isLost = false
    return true
  }

  /** Returns true if the run is a session that a better source, a watcher or hooks, already writes. */
  async #isWrittenElsewhere(operation: StartOperation): Promise<boolean> {
    if (!isSession(operation)) return false
    const { store, principal, clock } = this.#parts
    const now = isoTime(clock.now())
    const { agent_id, source, started_at = now } = operation
    const start = { agent_id, source, started_at, received_at: now, writer: principal.write }
    return (await findSessionRun(store, start)) !== undefined
  }

  /** Reads the turns of a run that existed before, so that they aren't stored again. */
  async #readStored(run_id: string): Promise<void> {
    const stored = new StoredTurns()
    for (let from = 0; ; ) {
      const { turns } = await this.#parts.store.turns({
        run_id,
        from,
        limit: 1_000,
        maxBytes: 8 * 1024 * 1024,
        // A preview may lack the attributes, which contain the turn's id.
        whole: true,
      })
      if (turns.length === 0) {
        this.#stored = stored
        this.#cursor = from
        return
      }
      for (const text of turns) stored.add(JSON.parse(text))
      from += turns.length
    }
  }

  async #recordTurns(): Promise<boolean> {
    const batch = this.#nextBatch()
    const fresh = batch.prepared.filter(({ turn }) => !this.#isStored(turn))
    if (fresh.length === 0 || this.#runId === undefined || this.#isLost) {
      if (fresh.length > 0 && !this.#isFollowing) this.#parts.onLost(fresh.length, "run")
      this.#take(batch.count)
      return true
    }
    const { registry, owner, principal } = this.#parts
    this.#takeProgressAfter(batch.count)
    const progress = this.#progressInput()
    const reply = await registry.recordTurns(owner, principal, {
      run_id: this.#runId,
      turns: fresh.map(({ turn }) => turn),
      expected_index: this.#cursor,
      idempotency_key: batchKey(fresh.flatMap(({ ids }) => ids)),
      progress,
    })
    if (!reply.ok) {
      if (reply.error.code === "unavailable") return false
      if (reply.error.code === "index_conflict") {
        // Another node has written to the run, or an attempt that seemed to have failed was stored.
        await this.#readStored(this.#runId)
        return false
      }
      this.#parts.onLost(fresh.length, reply.error.code)
      if (reply.error.code === "not_found") this.#isLost = true
    } else {
      this.#parts.onTurns(fresh.length)
      this.#cursor = Math.max(this.#cursor, reply.base_index + reply.count)
      this.#reported = JSON.stringify(progress)
      for (const { turn } of fresh) this.#stored?.add(turn)
    }
    this.#take(batch.count)
    return true
  }

  #isStored(turn: TurnInput): boolean {
    return this.#stored?.has(turn) === true
  }

  #nextBatch(): { count: number; prepared: (PreparedTurn & { ids: string[] })[] } {
    const prepared: (PreparedTurn & { ids: string[] })[] = []
    let bytes = 0
    let count = 0
    for (const operation of this.#queue) {
      if (operation.op !== "turn" || count >= LIMITS.turnsPerBatch) break
      const turn = this.#prepare(operation, count === 0)
      if (turn === undefined || (count > 0 && bytes + turn.bytes > BATCH_BYTES)) break
      bytes += turn.bytes
      count++
      prepared.push({ ...turn, ids: turnIds(turn.turn) })
    }
    return { count, prepared }
  }

  /** Prepares a turn. If that fails, the batch ends before the turn, and the turn then fails alone in the next batch. */
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

  async #report(): Promise<void> {
    const progress = this.#progressInput()
    const text = JSON.stringify(progress)
    if (this.#runId === undefined || this.#isLost || text === this.#reported) return
    this.#reported = text
    const { registry, owner, principal } = this.#parts
    // Best effort: the next report replaces this one.
    await registry.reportProgress(owner, principal, { run_id: this.#runId, progress, replace: true })
  }

  #progressInput(): ProgressInput | null {
    return progressInput(this.#progress, this.#waiting, this.#parts.clock.now())
  }

  async #update(operation: Extract<Operation, { op: "update" }>): Promise<boolean> {
    if (this.#runId === undefined || this.#isLost) return true
    const { registry, owner, principal } = this.#parts
    const { intent, agent_name, outcome_description, labels } = operation
    const reply = await registry.update(owner, principal, {
      run_id: this.#runId,
      ...(intent !== undefined && { intent: cutText(intent, LIMITS.intentBytes) }),
      ...(agent_name !== undefined && { agent_name: cutName(agent_name) }),
      ...(outcome_description !== undefined && {
        outcome_description: cutText(outcome_description, LIMITS.noteBytes),
      }),
      ...(labels !== undefined && { labels: cutLabels(labels) }),
    })
    return reply.ok || reply.error.code !== "unavailable"
  }

  async #end(operation: Extract<Operation, { op: "end" }>): Promise<boolean> {
    if (this.#runId === undefined || this.#isLost) return true
    const { registry, owner, principal, clock } = this.#parts
    const run_id = this.#runId
    this.#progress = null
    this.#waiting = null
    this.#reported = "null"
    if (operation.status === "incomplete") {
      const reply = await registry.abandon(principal, { run_id, owner: owner.id })
      return reply.ok || reply.error.code !== "unavailable"
    }
    const { status, summary, ended_at } = operation
    const reply = await registry.complete(owner, principal, {
      run_id,
      inferred: true,
      outcome: {
        status,
        ...(summary !== undefined && { summary: cutText(summary, LIMITS.summaryBytes) }),
        ...(ended_at !== undefined && isPlausible(ended_at, clock.now()) && { timestamp: ended_at }),
      },
    })
    return reply.ok || reply.error.code !== "unavailable"
  }

  /** Handles a refused start. Unless it can be retried, the run's operations are dropped. */
  #refused(code: string): boolean {
    if (code === "unavailable") return false
    this.#isLost = true
    return true
  }

  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => this.#parts.clock.setTimeout(resolve, ms))
  }
}

function batchKey(ids: readonly string[]): string {
  return `ingest:${createHash("sha256").update(ids.join("\n")).digest("hex")}`
}

/** Returns true for the telemetry of a command-line agent, whose runs are its sessions. */
function isSession({ key, source }: StartOperation): boolean {
  return source.session !== undefined && key === `${source.name}:${source.session}`
}

/** Returns the labels by which other writers find the run and don't add turns to it. */
function sessionLabels({ source }: StartOperation): Record<string, string> {
  return cutLabels({ session: source.session ?? "", recorded_by: "otlp" })
}
