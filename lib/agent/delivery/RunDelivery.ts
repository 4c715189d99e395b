import { AgentError, withDropped, withIssues } from "@/lib/agent/AgentError"
import type { AgentOutcome, ChildLink, RunStart } from "@/lib/agent/AgentTurn"
import type { WireError } from "@/lib/protocol/codes"
import type { NoReply } from "./AgentConnection"
import { Backoff } from "./Backoff"
import type { DeliveryOptions, StartPayload, UpdatePayload } from "./DeliveryOptions"
import { TurnDelivery } from "./TurnDelivery"
import { WorkLoop } from "./WorkLoop"

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
  readonly turns: TurnDelivery
  outcome: AgentOutcome | undefined
  /** Changed descriptive fields that the server doesn't have yet. */
  pendingUpdate: UpdatePayload | undefined
  /** The connection that the run belongs to, see `AgentConnection.epoch`. */
  private epoch = 0
  private readonly backoff = new Backoff()
  private readonly loop = new WorkLoop(
    () => this.step(),
    () => {
      if (this.isIdle) this.options.onIdle()
    },
  )

  constructor(readonly options: DeliveryOptions) {
    this.turns = new TurnDelivery({
      connection: options.connection,
      queue: options.queue,
      isIndexed: options.indexedTurns === true,
      isOver: () => this.over !== undefined,
      report: (error) => options.report(error.forRun(this.runId)),
      onSettled: () => this.loop.check(),
      onStored: () => this.backoff.reset(),
      onError: (reply) => this.handleError(reply, "accepts no more turns"),
      onHopeless: (error) => void this.fail(error),
    })
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
    this.loop.wake()
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
    return this.loop.until(holds)
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
    this.turns.settle(droppedTurns)
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
    if (batch !== undefined) return this.turns.send(this.runId, batch)
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
    const { connection } = this.options
    const epoch = connection.epoch
    const reply = await connection.call("runs.start", { run_id })
    if (!reply.ok) return this.handleError(reply, "could not be resumed")
    this.attach(reply, epoch)
    return this.turns.onTakenOver(run_id)
  }

  private attach(reply: RunStart, epoch: number): void {
    if (this.over !== undefined) return
    this.epoch = epoch
    this.backoff.reset()
    this.turns.startAt(reply.cursor)
    if (this.started === undefined) {
      this.started = reply
      this.options.onStarted(reply.run_id)
    }
    // Queued turns may have been stored before the run ended, if only their acknowledgement was lost. The reply to the
    // next batch shows whether they were.
    // A replayed run may only have an inferred end, from an interrupted replay. More turns reopen such a run.
    if (reply.status !== "in_progress" && this.isDelivered && !this.options.indexedTurns)
      this.fail(new AgentError("already_terminal", `The run has ended (${reply.status}).`))
    this.loop.check()
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
    this.loop.check()
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
