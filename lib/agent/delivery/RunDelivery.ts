import { AgentError } from "@/lib/agent/AgentError"
import type { ChildLink } from "@/lib/agent/AgentTurn"
import type { CommandInput, CommandReplies } from "@/lib/protocol/catalogue"
import type { WireError } from "@/lib/protocol/codes"
import type { AgentOutcome } from "@/lib/protocol/run"
import type { AgentConnection, Unanswered } from "./AgentConnection"
import { Backoff } from "./Backoff"
import { BatchBisector } from "./BatchBisector"
import type { TurnBatch, TurnQueue } from "./TurnQueue"

export type StartPayload = Extract<CommandInput<"runs.start">, { intent: string }>
export type RunStart = CommandReplies["runs.start"]

export type DeliveryOptions = {
  link: Pick<AgentConnection, "epoch" | "online" | "call">
  queue: TurnQueue
  start: StartPayload | { run_id: string }
  parent?: ChildLink
  report: (error: AgentError) => void
  onStarted: (runId: string) => void
  /** Nothing waits and the run belongs to this connection: the moment for progress. */
  onQuiet: () => void
  onOver: () => void
}

/**
 * Carries one run to the server: start, turns, end, strictly one command after the other, each repeated until it is answered.
 * A repeated command is the same command under the same key, so that nothing is stored twice.
 */
export class RunDelivery implements ChildLink {
  runId: string | undefined
  started: RunStart | undefined
  /** Why nothing more will be delivered; `completed` is the good reason. */
  over: AgentError | "completed" | undefined
  /** Turns that were stored, or given up. */
  settledTurns = 0
  readonly sieve: BatchBisector
  private outcome: AgentOutcome | undefined
  private cursor = 0
  private epoch = 0
  private working = false
  private again = false
  private readonly patience = new Backoff()
  private readonly watchers = new Set<() => void>()

  constructor(private readonly options: DeliveryOptions) {
    this.sieve = new BatchBisector(options.queue, (error) => options.report(error.about(this.runId)))
    if ("run_id" in options.start) this.runId = options.start.run_id
    options.parent?.onStartSettled(() => this.wake())
  }

  get startSettled(): boolean {
    return this.started !== undefined || this.over !== undefined
  }

  /** Whether nothing is left to deliver. */
  get delivered(): boolean {
    if (this.over !== undefined) return true
    return this.started !== undefined && this.options.queue.length === 0 && this.outcome === undefined
  }

  /** Whether the run is this connection's and nothing waits to be sent. */
  get quiet(): boolean {
    const { link } = this.options
    return this.delivered && this.over === undefined && link.online && this.epoch === link.epoch
  }

  onStartSettled(run: () => void): void {
    void this.until(() => this.startSettled).then(run)
  }

  /** Looks again whether there is something to do; call it after every change. */
  wake(): void {
    this.again = true
    if (this.working) return
    this.working = true
    // What one tick of the agent records goes out together.
    queueMicrotask(() => void this.work())
  }

  /** Ends the run with an outcome once every turn is stored. */
  finish(outcome: AgentOutcome): void {
    this.outcome = outcome
    this.wake()
  }

  /** Resolves as soon as a condition over this delivery holds. */
  until(holds: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = () => {
        if (!holds()) return
        this.watchers.delete(look)
        resolve()
      }
      this.watchers.add(look)
      look()
    })
  }

  /** Gives up: drops what waits and says so once, unless told to be quiet; how many turns were dropped. */
  fail(error: AgentError, quietly = false): number {
    if (this.over !== undefined) return 0
    const dropped = this.options.queue.clear()
    const message = dropped > 0 ? `${error.message}; ${dropped} turns dropped` : error.message
    const issues = error.issues ?? []
    this.over = new AgentError(error.code, message, { dropped_turns: dropped, issues }).about(this.runId)
    if (!quietly) this.options.report(this.over)
    this.end(dropped)
    return dropped
  }

  private end(droppedTurns: number): void {
    this.patience.giveUp()
    this.options.onOver()
    this.settle(droppedTurns)
  }

  private settle(turns: number): void {
    this.settledTurns += turns
    for (const look of [...this.watchers]) look()
  }

  private async work(): Promise<void> {
    while (this.again) {
      this.again = false
      while (await this.step());
    }
    this.working = false
    if (this.quiet) this.options.onQuiet()
  }

  /** Does the next thing; false when there is nothing to do until `wake`. */
  private step(): Promise<boolean> | false {
    const { link, queue, start, parent } = this.options
    if (this.over !== undefined || !link.online) return false
    if (this.runId === undefined) {
      if ("run_id" in start || parent?.startSettled === false) return false
      return this.start(start)
    }
    if (this.epoch !== link.epoch) return this.takeOver(this.runId)
    const batch = queue.head()
    if (batch !== undefined) return this.send(this.runId, batch)
    if (queue.length === 0 && this.outcome !== undefined) return this.complete(this.runId, this.outcome)
    return false
  }

  private async start(payload: StartPayload): Promise<boolean> {
    const { link, parent } = this.options
    const epoch = link.epoch
    const named =
      parent?.runId === undefined
        ? payload
        : { ...payload, parent: { ...payload.parent, run_id: parent.runId } }
    const reply = await link.call("runs.start", named)
    if (!reply.ok) return this.trouble(reply, "could not be started")
    this.runId = reply.run_id
    this.attach(reply, epoch)
    return true
  }

  private async takeOver(run_id: string): Promise<boolean> {
    const { link } = this.options
    const epoch = link.epoch
    const reply = await link.call("runs.start", { run_id })
    if (!reply.ok) return this.trouble(reply, "could not be taken over")
    const nothingNew = reply.cursor === this.cursor
    this.attach(reply, epoch)
    if (nothingNew) this.sieve.lighten()
    return true
  }

  private attach(reply: RunStart, epoch: number): void {
    if (this.over !== undefined) return
    this.epoch = epoch
    this.patience.reset()
    this.cursor = reply.cursor
    if (this.started === undefined) {
      this.started = reply
      this.options.onStarted(reply.run_id)
    }
    // Something may wait whose acknowledgement was lost before the run ended: its answer decides then.
    if (reply.status !== "in_progress" && this.delivered)
      this.fail(new AgentError("already_terminal", `the run has ended (${reply.status})`))
    this.settle(0)
  }

  private async send(run_id: string, batch: TurnBatch): Promise<boolean> {
    const { link, queue } = this.options
    const reply = await link.call("runs.record_turns", {
      run_id,
      turns: batch.turns,
      idempotency_key: batch.key,
    })
    if (this.over !== undefined) return false
    if (reply.ok) {
      this.cursor = Math.max(this.cursor, reply.base_index + reply.count)
      this.patience.reset()
      this.sieve.passed()
      queue.acknowledge()
      this.settle(batch.turns.length)
      return true
    }
    if ("lost" in reply) {
      if (reply.lost === "disconnected") this.sieve.lost(batch)
      return this.trouble(reply, "takes no more turns")
    }
    if (!this.sieve.isAboutTurns(reply.error)) return this.trouble(reply, "takes no more turns")
    const givenUp = this.sieve.sift(batch, reply.error, reply.dropped)
    if (givenUp === undefined) this.fail(new AgentError(reply.error.code, reply.error.message))
    else this.settle(givenUp)
    return true
  }

  private async complete(run_id: string, outcome: AgentOutcome): Promise<boolean> {
    const reply = await this.options.link.call("runs.complete", { run_id, outcome })
    if (this.over !== undefined) return false
    if (!reply.ok) return this.trouble(reply, "could not be completed")
    this.over = "completed"
    this.end(0)
    return false
  }

  /** Waits before the step is done again, or gives the run up when that is no use. */
  private async trouble(reply: Unanswered | { ok: false; error: WireError }, what: string): Promise<boolean> {
    if ("lost" in reply) {
      if (reply.lost === "timeout") await this.patience.wait()
      return true
    }
    const { code, message, issues, retry_after_ms } = reply.error
    if (code === "unavailable" || code === "rate_limited" || code === "internal") {
      await this.patience.wait(retry_after_ms)
      return true
    }
    this.fail(new AgentError(code, `the run ${what}: ${message}`, { issues: issues ?? [] }))
    return false
  }
}
