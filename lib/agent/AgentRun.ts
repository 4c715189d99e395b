import { AgentError, turnRefusal } from "./AgentError"
import type {
  AgentOutcome,
  AgentProgress,
  AgentTurn,
  CancelHandler,
  CancelRequest,
  ChildLink,
  RunOptions,
  RunStart,
} from "./AgentTurn"
import type { AgentConnection } from "./delivery/AgentConnection"
import type { BufferBudget } from "./delivery/BufferBudget"
import { CancellationState } from "./delivery/CancellationState"
import type { DeliveryOptions } from "./delivery/DeliveryOptions"
import { ProgressReporter } from "./delivery/ProgressReporter"
import { RunDelivery } from "./delivery/RunDelivery"
import { TurnQueue } from "./delivery/TurnQueue"
import { withTimeout } from "./delivery/timers"
import { asTurn } from "./turn/asTurn"
import { handOff } from "./turn/handOff"
import { messageOf } from "./turn/messageOf"
import { prepareDescription } from "./turn/prepareDescription"
import { prepareOutcome } from "./turn/prepareOutcome"
import type { PreparedProgress } from "./turn/prepareProgress"
import type { Redaction } from "./turn/Redaction"
import { TurnRecorder } from "./turn/TurnRecorder"
import { wrapTool } from "./turn/wrapTool"

/**
 * What a run needs from its agent.
 *
 * @internal
 */
export type RunHost = {
  connection: AgentConnection
  redaction: Redaction
  budget: BufferBudget
  throwErrors: boolean
  report: (error: AgentError) => void
  startChild: (options: RunOptions, parent: AgentRun) => AgentRun
  onStarted: (run: AgentRun) => void
  onOver: (run: AgentRun) => void
}

type RunStartOptions = Pick<DeliveryOptions, "start" | "parent" | "indexedTurns">

const DEFAULT_TIMEOUT_MS = 10_000

/**
 * One run, from the writing side. Recording never waits and never throws (unless `throwErrors` is set). Turns are
 * stored in the order they were recorded, each exactly once, despite lost connections, server restarts and sleep.
 */
export class AgentRun implements ChildLink {
  /** @internal */
  readonly delivery: RunDelivery
  private readonly recorder: TurnRecorder
  private readonly reporter: ProgressReporter
  private readonly cancellation: CancellationState
  private isAwaitingRoom = false
  private lateCallReported = false
  private ending: AgentOutcome | undefined

  /** @internal */
  constructor(
    private readonly host: RunHost,
    start: RunStartOptions,
  ) {
    const { connection, report, redaction } = host
    const queue = new TurnQueue(host.budget)
    this.recorder = new TurnRecorder(queue, host.budget, redaction, (error) =>
      report(error.forRun(this.runId)),
    )
    this.delivery = new RunDelivery({
      ...start,
      connection,
      queue,
      report,
      onStarted: () => host.onStarted(this),
      onIdle: () => this.reporter.flush(),
      onOver: () => host.onOver(this),
    })
    this.reporter = new ProgressReporter({
      isIdle: () => this.delivery.isIdle,
      epoch: () => connection.epoch,
      send: (progress) => this.sendProgress(progress),
    })
    this.cancellation = new CancellationState((thrown) =>
      report(
        new AgentError("callback_failed", `An onCancel handler threw: ${messageOf(thrown)}.`, {
          cause: thrown,
        }),
      ),
    )
    this.delivery.wake()
  }

  /** The run's id, or undefined until the server has stored the run. */
  get runId(): string | undefined {
    return this.delivery.runId
  }

  get startSettled(): boolean {
    return this.delivery.startSettled
  }

  onStartSettled(listener: () => void): void {
    this.delivery.onStartSettled(listener)
  }

  /** True once the run has been completed or can't continue. Nothing is recorded from then on. */
  get ended(): boolean {
    return this.ending !== undefined || this.delivery.over !== undefined
  }

  /**
   * Aborted when a viewer requests cancellation. Its reason is an AgentError `cancelled`.
   *
   * @example
   * const response = await fetch(url, { signal: run.signal })
   */
  get signal(): AbortSignal {
    return this.cancellation.signal
  }

  /** Why nothing more can be recorded, or undefined while turns can be recorded. */
  get error(): AgentError | undefined {
    return this.delivery.over === "completed" ? undefined : this.delivery.over
  }

  /**
   * Waits until the run is stored.
   *
   * @returns the server's reply, or undefined after `timeoutMs` or when the run can't be started.
   * @throws {AgentError} instead of returning undefined, if `throwErrors` is set.
   * @example
   * const { run_id } = (await run.started()) ?? {}
   */
  async started(timeoutMs = DEFAULT_TIMEOUT_MS): Promise<RunStart | undefined> {
    await withTimeout(
      this.delivery.until(() => this.delivery.startSettled),
      timeoutMs,
      undefined,
    )
    if (this.delivery.started === undefined) this.throwIfWanted(timeoutMs)
    return this.delivery.started
  }

  /**
   * Records a finished step. `parameters` and `output` may be any value. A turn over 4 MiB loses its largest fields,
   * which are listed in `attributes.left_out`. While the buffer is full, turns are dropped and counted; a system turn
   * `turns_dropped` records the number as soon as there is room.
   *
   * @throws {AgentError} if the run has ended and `throwErrors` is set.
   * @example
   * run.turn({ kind: "tool", tool: "bash", parameters: { command: "npm test" }, output, exit_code: 1 })
   */
  turn(turn: AgentTurn): void {
    this.attempt(() => {
      if (!this.mayRecord()) return
      const given = asTurn(turn)
      const { child } = given
      this.reporter.onTurn()
      if (!this.recorder.record(given)) this.recordDroppedLater()
      if (child?.startSettled === false) child.onStartSettled(() => this.delivery.wake())
      this.delivery.wake()
    })
  }

  /**
   * Shows what the run is doing now. Omitted fields keep their values; null clears all fields. Progress is never
   * queued, and the next turn clears it.
   *
   * @example
   * run.progress({ tool: "bash", parameters: { command: "npm test" } })
   */
  progress(progress: AgentProgress | null): void {
    this.attempt(() => {
      if (!this.mayRecord()) return
      if (progress !== null) this.recorder.begin()
      this.reporter.report(progress)
    })
  }

  /**
   * Appends to the text of the current progress, as a model streams it.
   *
   * @example
   * for await (const chunk of stream) run.stream(chunk.text)
   */
  stream(textDelta: string): void {
    this.attempt(() => {
      if (!this.mayRecord()) return
      this.recorder.begin()
      this.reporter.append(String(textDelta))
    })
  }

  /**
   * Shows an activity until the returned function is called. For steps that run concurrently.
   *
   * @example
   * const end = run.begin({ tool: "crawl" })
   * await crawl()
   * end()
   */
  begin(activity: AgentProgress): () => void {
    let end = () => {}
    this.attempt(() => {
      if (this.mayRecord()) end = this.reporter.begin(activity)
    })
    return end
  }

  /**
   * Shows that the run is waiting, and for what, while a promise is pending.
   *
   * @returns the promise's value.
   * @example
   * const approved = await run.waitFor("approval of the deployment", askPerson())
   */
  async waitFor<T>(what: string, promise: Promise<T>): Promise<T> {
    const end = this.begin({ waiting_for: what, started_at: Date.now() })
    try {
      return await promise
    } finally {
      end()
      this.progress(null)
    }
  }

  /**
   * Changes the run's title, labels, agent name or expected outcome, for example once a better title is known. An empty
   * value removes a label.
   *
   * @example
   * run.update({ intent: "Fix the flaky login test", labels: { branch: "fix/login" } })
   */
  update(change: Partial<Pick<RunOptions, "intent" | "agentName" | "outcomeDescription" | "labels">>): void {
    this.attempt(() => {
      if (!this.mayRecord()) return
      this.delivery.describe(this.host.redaction.update(prepareDescription(change)))
    })
  }

  /**
   * Waits until everything recorded so far is stored.
   *
   * @returns false after `timeoutMs` (delivery continues), or if something can't be stored.
   * @throws {AgentError} instead of returning false, if `throwErrors` is set.
   */
  async flush(timeoutMs = DEFAULT_TIMEOUT_MS): Promise<boolean> {
    const { delivery } = this
    const goal = this.recorder.recorded
    const isStored = () =>
      delivery.over !== undefined || (delivery.startSettled && delivery.turns.settled >= goal)
    await withTimeout(delivery.until(isStored), timeoutMs, undefined)
    const ok = isStored() && this.error === undefined
    if (!ok) this.throwIfWanted(timeoutMs)
    return ok
  }

  /**
   * Ends the run after everything recorded is stored.
   *
   * @returns true once the end is stored; false after `timeoutMs` (delivery continues), or if it can't be stored.
   * @throws {AgentError} instead of returning false, if `throwErrors` is set.
   * @example
   * await run.complete({ status: "success", summary: "All 42 tests pass." })
   */
  async complete(outcome: AgentOutcome, timeoutMs = DEFAULT_TIMEOUT_MS): Promise<boolean> {
    const { delivery } = this
    this.attempt(() => {
      if (this.ended) return
      this.recorder.recordDropped(true)
      const prepared = { timestamp: new Date().toISOString(), ...prepareOutcome(outcome) }
      this.ending = this.host.redaction.outcome(prepared)
      delivery.finish(this.ending)
    })
    await withTimeout(
      delivery.until(() => delivery.over !== undefined),
      timeoutMs,
      undefined,
    )
    if (delivery.over !== "completed") this.throwIfWanted(timeoutMs)
    return delivery.over === "completed"
  }

  /**
   * Calls the handler once when a viewer requests cancellation, or soon after this call if one already has. The agent
   * decides how to react, and ends the run itself.
   *
   * @returns a function that removes the handler.
   * @example
   * run.onCancel(({ reason }) => stop(reason))
   */
  onCancel(handler: CancelHandler): () => void {
    return this.cancellation.addHandler(handler)
  }

  /**
   * Starts a run whose parent is this one.
   *
   * @example
   * const child = run.child({ intent: "Review the change", agentId: "reviewer" })
   * run.turn({ kind: "agent", tool: "reviewer", child })
   */
  child(options: RunOptions): AgentRun {
    return this.host.startChild(options, this)
  }

  /**
   * Runs part of the work in a child run, and records the hand-off as a turn. The child ends as `done`, or as `failure`
   * if the work throws, unless the work completes it.
   *
   * @returns what the work returns.
   * @throws what the work throws.
   * @example
   * const report = await run.handOff({ intent: "Review the change" }, (child) => review(child))
   */
  handOff<T>(options: RunOptions, work: (child: AgentRun) => Promise<T>): Promise<T> {
    return handOff(this, options, work)
  }

  /**
   * Wraps a function so that each call is recorded as a tool call, with arguments, result or error, and duration.
   *
   * @returns a function that returns what the tool returns, and throws what it throws.
   * @example
   * const search = run.wrapTool("search", (query: string) => index.search(query))
   */
  wrapTool<A extends unknown[], R>(name: string, tool: (...args: A) => R): (...args: A) => R {
    return wrapTool(this, name, tool)
  }

  /** @internal */
  acceptCancelRequest(request: CancelRequest): void {
    this.cancellation.accept(request)
  }

  private recordDroppedLater(): void {
    if (this.isAwaitingRoom) return
    this.isAwaitingRoom = true
    const { delivery, host } = this
    void delivery
      .until(() => host.budget.isOpen || delivery.over !== undefined)
      .then(() => {
        this.isAwaitingRoom = false
        this.recorder.recordDropped(false)
        delivery.wake()
      })
  }

  private mayRecord(): boolean {
    const { over, turns } = this.delivery
    if (over === undefined && this.ending === undefined && !turns.isFull) return true
    const error = this.error ?? turnRefusal(turns.isFull)
    if (this.host.throwErrors) throw error
    // The run's own error has already been reported. A call after `complete` is a mistake in the caller: report it once.
    if (this.ending !== undefined && !this.lateCallReported) this.host.report(error)
    this.lateCallReported ||= this.ending !== undefined
    return false
  }

  private attempt(action: () => void): void {
    try {
      action()
    } catch (thrown) {
      if (this.host.throwErrors) throw thrown
      const message = `Could not record: ${messageOf(thrown)}.`
      this.host.report(new AgentError("internal", message, { cause: thrown }))
    }
  }

  private throwIfWanted(timeoutMs: number): void {
    if (!this.host.throwErrors) return
    throw (
      this.error ?? new AgentError("unreachable", `Not stored within ${timeoutMs} ms. Delivery continues.`)
    )
  }

  private async sendProgress(progress: PreparedProgress | null): Promise<boolean> {
    const run_id = this.runId
    if (run_id === undefined) return false
    const safe = this.host.redaction.progress(progress)
    const payload = { run_id, progress: safe, replace: true }
    return (await this.host.connection.call("runs.report_progress", payload)).ok
  }
}
