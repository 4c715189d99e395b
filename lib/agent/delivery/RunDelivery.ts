import { AgentError, withDropped, withIssues } from "@/lib/agent/AgentError"
import type { AgentOutcome, ChildLink, RunStart } from "@/lib/agent/AgentTurn"
import type { WireError } from "@/lib/protocol/codes"
import type { NoReply } from "./AgentConnection"
import { Backoff } from "./Backoff"
import { BatchBisector } from "./BatchBisector"
import { Conditions } from "./Conditions"
import type { DeliveryOptions, StartPayload, UpdatePayload } from "./DeliveryOptions"
import type { TurnBatch } from "./TurnQueue"

/**
 * Delivers one run: start, turns, end, one command at a time. Each command is repeated with the same idempotency key
 * until the server replies, so nothing is stored twice. After a reconnect, the run is taken over, which reopens it if
 * it has become incomplete.
 */
export class RunDelivery implements ChildLink {
  runId: string | undefined
  started: RunStart | undefined
  /** Why nothing more will be delivered; `completed` if all went well. */
  over: AgentError | "completed" | undefined
  /** How many turns were stored or dropped. */
  settledTurns = 0
  readonly bisector: BatchBisector
  outcome: AgentOutcome | undefined
  /** Changed descriptive fields that the server doesn't have yet. */
  pendingUpdate: UpdatePayload | undefined
  /** The index of the queue's first turn, if turns are indexed. */
  position = 0
  private cursor = 0
  /** The connection that the run belongs to, see `AgentConnection.epoch`. */
  private epoch = 0
  private isWorking = false
  private needsWork = false
  private readonly backoff = new Backoff()
  private readonly conditions = new Conditions()

  constructor(readonly options: DeliveryOptions) {
    this.bisector = new BatchBisector(options.queue, (error) => options.report(error.forRun(this.runId)))
    if ("run_id" in options.start) this.runId = options.start.run_id
    options.parent?.onStartSettled(() => this.wake())
  }

  get startSettled(): boolean {
    return this.started !== undefined || this.over !== undefined
  }

  /** True if nothing is left to deliver. */
  get isDelivered(): boolean {
    if (this.over !== undefined) return true
    const { queue } = this.options
    return (
      this.started !== undefined && queue.length === 0 && !this.pendingUpdate && this.outcome === undefined
    )
  }

  /** True if the run belongs to this connection and nothing is queued. */
  get isIdle(): boolean {
    const { connection } = this.options
    return this.isDelivered && this.over === undefined && connection.online && this.epoch === connection.epoch
  }

  onStartSettled(listener: () => void): void {
    void this.until(() => this.startSettled).then(listener)
  }

  /** Starts work if there is any. Call it after every change. */
  wake(): void {
    this.needsWork = true
    if (this.isWorking) return
    this.isWorking = true
    // Deferred, so that turns recorded in the same tick share a batch.
    queueMicrotask(() => void this.work())
  }

  /** Completes the run once every turn is stored. */
  finish(outcome: AgentOutcome): void {
    this.outcome = outcome
    this.wake()
  }

  /** Changes the run's descriptive fields. Later changes override earlier ones that aren't sent yet. */
  describe(update: UpdatePayload): void {
    const labels = { ...this.pendingUpdate?.labels, ...update.labels }
    this.pendingUpdate = {
      ...this.pendingUpdate,
      ...update,
      ...(Object.keys(labels).length > 0 && { labels }),
    }
    this.wake()
  }

  /** Resolves as soon as a condition on this delivery is true. */
  until(holds: () => boolean): Promise<void> {
    return this.conditions.until(holds)
  }

  /** Gives up: drops the queue and, unless `quietly`, reports the error. Returns how many turns were dropped. */
  fail(error: AgentError, quietly = false): number {
    if (this.over !== undefined) return 0
    const dropped = this.options.queue.clear()
    const issues = error.issues ?? []
    const message = withDropped(error.message, dropped)
    this.over = new AgentError(error.code, message, { dropped_turns: dropped, issues }).forRun(this.runId)
    if (!quietly) this.options.report(this.over)
    this.end(dropped)
    return dropped
  }

  private end(droppedTurns: number): void {
    this.backoff.cancel()
    this.options.onOver()
    this.settle(droppedTurns)
  }

  private settle(turns: number): void {
    this.settledTurns += turns
    this.conditions.check()
  }

  private async work(): Promise<void> {
    while (this.needsWork) {
      this.needsWork = false
      while (await this.step());
    }
    this.isWorking = false
    if (this.isIdle) this.options.onIdle()
  }

  /** Sends the next command. Returns false if there is nothing to do until the next `wake`. */
  private step(): Promise<boolean> | false {
    const { connection, queue, start, parent } = this.options
    if (this.over !== undefined || !connection.online) return false
    if (this.runId === undefined) {
      if ("run_id" in start || parent?.startSettled === false) return false
      return this.start(start)
    }
    if (this.epoch !== connection.epoch) return this.takeOver(this.runId)
    if (this.pendingUpdate !== undefined) return this.sendUpdate(this.runId, this.pendingUpdate)
    const batch = queue.head()
    if (batch !== undefined) return this.send(this.runId, batch)
    if (queue.length === 0 && this.outcome !== undefined) return this.complete(this.runId, this.outcome)
    return false
  }

  private async start(payload: StartPayload): Promise<boolean> {
    const { connection, parent } = this.options
    const epoch = connection.epoch
    const withParent =
      parent?.runId === undefined
        ? payload
        : { ...payload, parent: { ...payload.parent, run_id: parent.runId } }
    const reply = await connection.call("runs.start", withParent)
    if (!reply.ok) return this.handleError(reply, "could not be started")
    this.runId = reply.run_id
    this.attach(reply, epoch)
    return true
  }

  private async takeOver(run_id: string): Promise<boolean> {
    const { connection, queue } = this.options
    const epoch = connection.epoch
    const reply = await connection.call("runs.start", { run_id })
    if (!reply.ok) return this.handleError(reply, "could not be resumed")
    this.attach(reply, epoch)
    const batch = queue.head()
    if (batch?.index === undefined || queue.inDoubt !== undefined || !this.bisector.isSuspect(batch))
      return true
    // Turns were stored after the batch was sent: those of this batch, or another writer's.
    if (batch.index < this.cursor) return this.settleDoubt(run_id, batch, batch.index)
    if (batch.index === this.cursor) this.bisector.shrinkHead(batch)
    return true
  }

  private attach(reply: RunStart, epoch: number): void {
    if (this.over !== undefined) return
    this.epoch = epoch
    this.backoff.reset()
    this.cursor = reply.cursor
    this.skipTo(reply.cursor)
    if (this.started === undefined) {
      this.started = reply
      this.options.onStarted(reply.run_id)
    }
    // Queued turns may have been stored before the run ended, if only their acknowledgement was lost. The reply to the
    // next batch shows whether they were.
    // A replayed run may only have an inferred end, from an interrupted replay. More turns reopen such a run.
    if (reply.status !== "in_progress" && this.isDelivered && !this.options.indexedTurns)
      this.fail(new AgentError("already_terminal", `The run has ended (${reply.status}).`))
    this.settle(0)
  }

  /** Skips turns that the run already has. */
  private skipTo(cursor: number): void {
    if (!this.options.indexedTurns || cursor <= this.position) return
    const skipped = this.options.queue.drop(cursor - this.position)
    this.position += skipped
    this.settle(skipped)
  }

  private async sendUpdate(run_id: string, update: UpdatePayload): Promise<boolean> {
    const reply = await this.options.connection.call("runs.update", { run_id, ...update })
    if (this.over !== undefined) return false
    if (!reply.ok && ("lost" in reply || isTemporary(reply.error)))
      return this.handleError(reply, "could not be updated")
    if (this.pendingUpdate === update) this.pendingUpdate = undefined
    if (!reply.ok)
      this.options.report(
        new AgentError(reply.error.code, `Could not update the run: ${withIssues(reply.error)}`),
      )
    this.settle(0)
    return true
  }

  private async send(run_id: string, batch: TurnBatch): Promise<boolean> {
    const { connection, queue, indexedTurns } = this.options
    batch.index ??= indexedTurns ? this.position : this.cursor
    const reply = await connection.call("runs.record_turns", {
      run_id,
      turns: batch.turns,
      idempotency_key: batch.key,
      // The index makes the server refuse this batch if it arrives late, over a connection that was abandoned.
      expected_index: batch.index,
    })
    if (this.over !== undefined) return false
    if (reply.ok) {
      this.cursor = Math.max(this.cursor, reply.base_index + reply.count)
      this.position = reply.base_index + reply.count
      this.backoff.reset()
      this.bisector.onStored()
      queue.acknowledge()
      this.settle(batch.turns.length)
      return true
    }
    if ("lost" in reply) {
      if (reply.lost === "disconnected") this.bisector.onLost(batch)
      return this.handleError(reply, "accepts no more turns")
    }
    const { error } = reply
    if (error.code === "index_conflict") return this.resolveConflict(run_id, batch, error)
    if (!this.bisector.isAboutTurns(error)) return this.handleError(reply, "accepts no more turns")
    const givenUp = this.bisector.onRefused(batch, error, reply.dropped)
    if (givenUp === undefined) this.fail(new AgentError(error.code, error.message))
    else this.settle(givenUp)
    return true
  }

  /**
   * Handles a cursor that differs from the batch's index. The batch isn't stored: the server checks the batch's key
   * first, and would have recognised it.
   */
  private resolveConflict(run_id: string, batch: TurnBatch, error: WireError): Promise<boolean> | boolean {
    const { indexedTurns, queue } = this.options
    const { cursor } = error
    if (cursor === undefined || cursor === batch.index || (indexedTurns && cursor < this.position))
      return this.handleError({ ok: false, error }, "accepts no more turns")
    this.cursor = cursor
    if (indexedTurns) {
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
    const { connection, queue } = this.options
    const reply = await connection.call("runs.record_turns", {
      run_id,
      turns: [{ kind: "system", event: "probe" }],
      idempotency_key: key,
      expected_index: index,
    })
    if (this.over !== undefined) return false
    if (reply.ok) {
      this.bisector.onStored()
      queue.drop(turns.length)
      this.settle(turns.length)
      return true
    }
    if ("lost" in reply || reply.error.code !== "index_conflict")
      return this.handleError(reply, "accepts no more turns")
    queue.clearDoubt()
    const head = queue.head()
    if (head !== undefined) head.index = this.cursor
    return true
  }

  private async complete(run_id: string, outcome: AgentOutcome): Promise<boolean> {
    const reply = await this.options.connection.call("runs.complete", { run_id, outcome })
    if (this.over !== undefined) return false
    if (!reply.ok) return this.handleError(reply, "could not be completed")
    this.over = "completed"
    this.end(0)
    return false
  }

  /** Waits before the command is repeated, or gives up if repeating is pointless. */
  private async handleError(
    reply: NoReply | { ok: false; error: WireError },
    what: string,
  ): Promise<boolean> {
    if ("lost" in reply) {
      if (reply.lost === "timeout") await this.backoff.wait()
      return true
    }
    const { code, issues, retry_after_ms } = reply.error
    if (isTemporary(reply.error)) {
      await this.backoff.wait(retry_after_ms)
      return true
    }
    this.fail(new AgentError(code, `The run ${what}: ${withIssues(reply.error)}`, { issues: issues ?? [] }))
    return false
  }
}

function isTemporary({ code }: WireError): boolean {
  return code === "unavailable" || code === "rate_limited" || code === "internal"
}
