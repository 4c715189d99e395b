import type { AgentOutcome } from "@/lib/protocol/run"
import { AgentError } from "./AgentError"
import type { AgentTurn, ChildLink } from "./AgentTurn"
import type { AgentConnection } from "./delivery/AgentConnection"
import type { BufferBudget } from "./delivery/BufferBudget"
import { type CancelHandler, CancellationRequest } from "./delivery/CancellationRequest"
import { ProgressReporter } from "./delivery/ProgressReporter"
import { type DeliveryOptions, RunDelivery, type RunStart } from "./delivery/RunDelivery"
import { TurnQueue } from "./delivery/TurnQueue"
import { within } from "./delivery/timers"
import { handOff } from "./turn/handOff"
import { messageOf } from "./turn/jsonCopy"
import { prepareOutcome } from "./turn/prepareOutcome"
import type { AgentProgress } from "./turn/prepareProgress"
import type { RunOptions } from "./turn/prepareStart"
import type { Redaction } from "./turn/Redaction"
import { TurnRecorder } from "./turn/TurnRecorder"
import { wrapTool } from "./turn/wrapTool"

/** What a run needs of the agent that it belongs to. */
export type RunHost = {
  link: AgentConnection
  redaction: Redaction
  budget: BufferBudget
  throwErrors: boolean
  report: (error: AgentError) => void
  startChild: (options: RunOptions, parent: AgentRun) => AgentRun
  runStarted: (run: AgentRun) => void
  runOver: (run: AgentRun) => void
}

const WAIT_MS = 10_000

/**
 * One run, as its agent writes it. Recording never waits and never throws (unless `throwErrors`): turns go out in the order
 * in which they were recorded, each exactly once, over lost connections and server restarts.
 */
export class AgentRun implements ChildLink {
  readonly delivery: RunDelivery
  private readonly recorder: TurnRecorder
  private readonly reporter: ProgressReporter
  private readonly cancelWish: CancellationRequest
  private awaitingRoom = false
  private refusedAfterEnd = false
  private ending: AgentOutcome | undefined

  constructor(
    private readonly host: RunHost,
    start: Pick<DeliveryOptions, "start" | "parent">,
  ) {
    const { link, report, redaction } = host
    const queue = new TurnQueue(host.budget)
    this.recorder = new TurnRecorder(queue, host.budget, redaction, (error) =>
      report(error.about(this.runId)),
    )
    this.delivery = new RunDelivery({
      ...start,
      link,
      queue,
      report,
      onStarted: () => host.runStarted(this),
      onQuiet: () => this.reporter.poke(),
      onOver: () => host.runOver(this),
    })
    this.reporter = new ProgressReporter({
      quiet: () => this.delivery.quiet,
      // A secret may come in pieces.
      whole: redaction.active,
      epoch: () => link.epoch,
      send: (progress) => this.sendProgress(progress),
    })
    this.cancelWish = new CancellationRequest((thrown) =>
      report(new AgentError("callback_failed", `onCancel threw: ${messageOf(thrown)}`, { cause: thrown })),
    )
    this.delivery.wake()
  }

  /** The run's durable name; undefined until the server has answered. */
  get runId(): string | undefined {
    return this.delivery.runId
  }

  get startSettled(): boolean {
    return this.delivery.startSettled
  }

  onStartSettled(run: () => void): void {
    this.delivery.onStartSettled(run)
  }

  /** Whether the run was completed here or can't go on: nothing more is recorded. */
  get ended(): boolean {
    return this.ending !== undefined || this.delivery.over !== undefined
  }

  /** Aborted when a viewer asks for a cancel: hand it to `fetch` and the like. Its reason is an AgentError `cancelled`. */
  get signal(): AbortSignal {
    return this.cancelWish.signal
  }

  /** Why nothing more can be recorded; undefined while the run goes on. */
  get trouble(): AgentError | undefined {
    return this.delivery.over === "completed" ? undefined : this.delivery.over
  }

  /** Resolves once the run is durable, with what the server said; with undefined after `waitMs`, or when there will be no run. */
  async started(waitMs = WAIT_MS): Promise<RunStart | undefined> {
    await within(
      this.delivery.until(() => this.delivery.startSettled),
      waitMs,
      undefined,
    )
    if (this.delivery.started === undefined) this.raise(waitMs)
    return this.delivery.started
  }

  /**
   * Records a step that is done. Any value may stand in `parameters` and `output`: what JSON lacks becomes a marker, a turn over 4 MiB loses
   * its largest fields (`attributes.left_out` names them). When the buffer is full the turn is counted, and a system turn
   * `turns_dropped` says how many as soon as there is room.
   */
  turn(turn: AgentTurn): void {
    this.attempt(() => {
      if (!this.mayRecord()) return
      const { child } = turn
      this.reporter.turnRecorded()
      if (!this.recorder.record(turn)) this.awaitRoom()
      if (child?.startSettled === false) child.onStartSettled(() => this.delivery.wake())
      this.delivery.wake()
    })
  }

  /** Says what the run does now; fields given replace, others stay, null shows nothing. Never queued: the next turn makes it void. */
  progress(progress: AgentProgress | null): void {
    this.attempt(() => {
      if (!this.mayRecord()) return
      if (progress !== null) this.recorder.begin()
      this.reporter.report(progress)
    })
  }

  /** Appends to the text that the turn now being made shows, as a model streams it. */
  stream(textDelta: string): void {
    this.progress({ text_delta: textDelta })
  }

  /** Shows what the run does until the function that comes back is called: for steps that go on side by side. */
  begin(activity: AgentProgress): () => void {
    let end = () => {}
    this.attempt(() => {
      if (this.mayRecord()) end = this.reporter.begin(activity)
    })
    return end
  }

  /** Shows for whom or what the run waits while a promise is pending; gives back what the promise gives. */
  async waitFor<T>(words: string, promise: Promise<T>): Promise<T> {
    const end = this.begin({ waiting_for: words, started_at: Date.now() })
    try {
      return await promise
    } finally {
      end()
      this.progress(null)
    }
  }

  /** Resolves true once everything recorded so far is stored; false after `waitMs` (delivery goes on), or when it never will be. */
  async flush(waitMs = WAIT_MS): Promise<boolean> {
    const { delivery } = this
    const goal = this.recorder.recorded
    const stored = () =>
      delivery.over !== undefined || (delivery.startSettled && delivery.settledTurns >= goal)
    await within(delivery.until(stored), waitMs, undefined)
    const done = stored() && this.trouble === undefined
    if (!done) this.raise(waitMs)
    return done
  }

  /** Ends the run after everything recorded is stored. Resolves true once that is stored too; false after `waitMs` (delivery goes on), or when it never will be. */
  async complete(outcome: AgentOutcome, waitMs = WAIT_MS): Promise<boolean> {
    const { delivery } = this
    this.attempt(() => {
      if (this.ended) return
      this.recorder.noteDropped(true)
      const ending = prepareOutcome({ timestamp: new Date().toISOString(), ...outcome })
      this.ending = this.host.redaction.outcome(ending)
      delivery.finish(this.ending)
    })
    await within(
      delivery.until(() => delivery.over !== undefined),
      waitMs,
      undefined,
    )
    if (delivery.over !== "completed") this.raise(waitMs)
    return delivery.over === "completed"
  }

  /** Calls back once when a viewer asks for a cancel, at once if one has; returns how to stop listening. Ending the run stays the agent's. */
  onCancel(handler: CancelHandler): () => void {
    return this.cancelWish.listen(handler)
  }

  /** Starts a run whose parent is this one. Put it into the turn that handed off to it: `run.turn({ kind: "agent", child })`. */
  child(options: RunOptions): AgentRun {
    return this.host.startChild(options, this)
  }

  /** Hands a part of the work to a child run: see `handOff`. */
  handOff<T>(options: RunOptions, work: (child: AgentRun) => Promise<T>): Promise<T> {
    return handOff(this, options, work)
  }

  /** Makes a function record itself as a tool call: see `wrapTool`. */
  wrapTool<A extends unknown[], R>(name: string, tool: (...args: A) => R): (...args: A) => R {
    return wrapTool(this, name, tool)
  }

  /** A viewer's wish, as the connection hears it. */
  cancelRequested(request: { reason?: string; requested_at: string }): void {
    this.cancelWish.ask(request)
  }

  /** Turns were dropped: says so in the trace as soon as something is stored and gives room. */
  private awaitRoom(): void {
    if (this.awaitingRoom) return
    this.awaitingRoom = true
    const { delivery, host } = this
    void delivery
      .until(() => host.budget.open || delivery.over !== undefined)
      .then(() => {
        this.awaitingRoom = false
        this.recorder.noteDropped(false)
        delivery.wake()
      })
  }

  private mayRecord(): boolean {
    const { over, sieve } = this.delivery
    if (over === undefined && this.ending === undefined && !sieve.isFull) return true
    const error =
      over !== undefined && over !== "completed"
        ? over
        : new AgentError(
            sieve.isFull ? "too_large" : "closed",
            sieve.isFull ? "the run is full" : "the run was completed",
          )
    if (this.host.throwErrors) throw error
    // The trouble itself was reported when it came; a call after `complete` is a slip of the author's.
    if (this.ending !== undefined && !this.refusedAfterEnd) this.host.report(error)
    this.refusedAfterEnd ||= this.ending !== undefined
    return false
  }

  private attempt(action: () => void): void {
    try {
      action()
    } catch (thrown) {
      if (this.host.throwErrors) throw thrown
      this.host.report(
        new AgentError("internal", `could not record: ${messageOf(thrown)}`, { cause: thrown }),
      )
    }
  }

  private raise(waitMs: number): void {
    if (!this.host.throwErrors) return
    throw this.trouble ?? new AgentError("unreachable", `not stored within ${waitMs} ms; delivery goes on`)
  }

  private async sendProgress(
    progress: Parameters<ConstructorParameters<typeof ProgressReporter>[0]["send"]>[0],
  ) {
    const run_id = this.runId
    if (run_id === undefined) return false
    const safe = this.host.redaction.progress(progress)
    return (await this.host.link.call("runs.report_progress", { run_id, progress: safe })).ok
  }
}
