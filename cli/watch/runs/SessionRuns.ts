import { WorkLoop } from "@/lib/agent/delivery/WorkLoop"
import { noteTurn } from "@/lib/agent/turn/noteTurn"
import type { EndOperation, Operation, RunKey, StartOperation } from "@/lib/dialects/operations"
import type { TurnInput } from "@/lib/protocol/turn"
import { OperationQueue, type QueuedTurn } from "./OperationQueue"
import { RunProgress } from "./RunProgress"
import { RunWriter, type WriteResult } from "./RunWriter"
import type { RunServer } from "./ServerConnection"
import { SessionDescription } from "./SessionDescription"

/** How long a turn or a start waits for the run to which it refers. */
const REFERENCE_MS = 10_000
const REPORT_RETRY_MS = 1_000

export type SessionRunsOptions = {
  key: RunKey
  server: RunServer
  /** If false, prompts, answers, arguments and results aren't sent. */
  content: boolean
  /** Returns true if the session may be sent at all. Called with the session's start. */
  admit: (start: StartOperation) => boolean
  /** Returns the run of another session as soon as there is one, or undefined after `waitMs`. */
  resolve: (key: RunKey, waitMs: number) => Promise<string | undefined>
  /** Called when the server has lost turns, so that the session must be read again from its beginning. */
  onLost: () => void
  onRun: (run: { runId: string; start: StartOperation; created: boolean }) => void
  onProblem: (message: string) => void
}

/**
 * Carries out a session's operations on the server. A session is a chain of runs, one for each of its processes. Each
 * run has the turns that follow those of the previous run. At the start, the session's turns are matched with the runs
 * that already exist: turns that a run already has are skipped, and turns after a completed run go into the next one.
 */
export class SessionRuns {
  private readonly queue: OperationQueue
  private readonly progress: RunProgress
  /** The start of the session, on which the start of each run is based. */
  private template: StartOperation | undefined
  private readonly description: SessionDescription
  private run: RunWriter | undefined
  /** The run before the open one, or the last run while none is open. */
  private previousRunId: string | undefined
  /** The number of the open or next run, counted from 1. */
  private runNumber = 1
  /** The number of turns at the head of the queue that the current run already has. */
  private turnsToSkip = 0
  /**
   * When the last run ended, if its turns were written from hooks or telemetry. Turns up to then are already in that
   * run.
   */
  private recordedUntil: string | undefined
  private stopped = false
  private readonly loop = new WorkLoop(() => this.tryStep())
  private readonly ignoreServer: () => void

  constructor(private readonly options: SessionRunsOptions) {
    this.queue = new OperationQueue(options.content)
    this.description = new SessionDescription(options.content)
    this.progress = new RunProgress(options.content, () => this.wake())
    this.ignoreServer = options.server.onOnline(() => this.wake())
  }

  /** The id of the newest run. */
  get runId(): string | undefined {
    return this.run?.runId ?? this.previousRunId
  }

  /** True while a run is open. */
  get open(): boolean {
    return this.run !== undefined
  }

  /** True if nothing is left to send. */
  get idle(): boolean {
    return this.stopped || (!this.loop.isBusy && this.queue.settled(this.open))
  }

  get pendingBytes(): number {
    return this.queue.bytes
  }

  push(operations: readonly Operation[]): void {
    if (this.stopped || operations.length === 0) return
    for (const operation of operations) {
      if (operation.op === "progress" || operation.op === "wait") this.progress.take(operation)
      else this.queue.push(operation)
    }
    this.wake()
  }

  /** Resolves once a condition is true, or once it is certain that nothing more will be sent. */
  until(holds: () => boolean): Promise<void> {
    return this.loop.until(() => this.stopped || holds())
  }

  /** Drops the queued operations and sends nothing more. */
  stop(): void {
    this.stopped = true
    this.ignoreServer()
    this.progress.stop()
    this.queue.clear()
    this.loop.check()
  }

  private wake(): void {
    if (!this.stopped) this.loop.wake()
  }

  private async tryStep(): Promise<boolean> {
    if (this.stopped) return false
    try {
      return await this.step()
    } catch (error) {
      // A bug that affects one session must not end the others.
      this.options.onProblem(`${this.options.key}: ${String(error)}`)
      this.stop()
      return false
    }
  }

  /** Carries out the next operation. Returns false if there is nothing to do. */
  private async step(): Promise<boolean> {
    if (this.run?.needsTakeOver === true) return this.handleResult(await this.run.takeOver())
    const head = this.queue.head()
    if (head === undefined) return this.report()
    if (head.op === "turn") return this.takeTurn(head)
    this.queue.shift()
    if (head.op === "update") this.description.update(head)
    else if (head.op === "start") return this.begin(head)
    else if (this.run !== undefined) return this.end(this.run, head)
    return true
  }

  private async takeTurn(head: QueuedTurn): Promise<boolean> {
    if (this.turnsToSkip > 0) {
      this.turnsToSkip -= this.queue.skipTurns(this.turnsToSkip)
      return true
    }
    if (this.isRecorded(head)) {
      this.queue.shift()
      return true
    }
    if (this.run === undefined) return this.beginNext(head)
    await this.sendUnsent(this.run)
    return this.sendTurns(this.run)
  }

  /**
   * Returns true for a turn that its run already has in another form, because hooks or telemetry write the turns of
   * that run.
   */
  private isRecorded({ operation }: QueuedTurn): boolean {
    if (this.run !== undefined) return this.run.recordedBy !== undefined
    const { started_at } = operation.turn
    if (this.recordedUntil === undefined) return false
    return started_at === undefined || Date.parse(started_at) <= Date.parse(this.recordedUntil)
  }

  private async begin(start: StartOperation): Promise<boolean> {
    if (this.template !== undefined) return true
    this.template = start
    if (this.options.admit(start)) return this.openRun(start)
    this.stop()
    return false
  }

  /**
   * Starts the next run after a completed one. System events alone don't start a run: if a process has no other turns,
   * its system events go into the run of the next process.
   */
  private async beginNext(head: QueuedTurn): Promise<boolean> {
    const acting = this.queue.firstActing()
    if (this.template === undefined) return false
    if (acting === undefined) return this.queue.dropEnd()
    const { parent: _, continues: _c, ...template } = this.template
    const { prompt } = acting.operation.turn
    const startedAt = head.operation.turn.started_at ?? acting.operation.turn.started_at
    return this.openRun({
      ...template,
      intent: prompt ?? template.intent,
      ...(startedAt === undefined ? {} : { started_at: startedAt }),
    })
  }

  private async openRun(start: StartOperation): Promise<boolean> {
    const { server, onRun } = this.options
    const named = this.description.describe(start)
    const run = await RunWriter.start(server, named, this.runNumber, await this.references(start))
    if (!(run instanceof RunWriter)) return this.handleResult(run)
    onRun({ runId: run.runId, start: named, created: run.created })
    this.description.started(run, named)
    this.turnsToSkip = run.recordedBy === undefined ? run.cursor : 0
    this.run = run
    this.progress.resend()
    if (run.completed) this.closeRun(run)
    return true
  }

  private async references(start: StartOperation) {
    const { resolve } = this.options
    return {
      parent: start.parent === undefined ? undefined : await resolve(start.parent.key, REFERENCE_MS),
      continues:
        this.previousRunId ??
        (start.continues === undefined ? undefined : await resolve(start.continues, REFERENCE_MS)),
    }
  }

  private closeRun(run: RunWriter): void {
    this.recordedUntil = run.recordedBy === undefined ? undefined : run.endedAt
    this.previousRunId = run.runId
    this.run = undefined
    this.runNumber++
  }

  private async sendTurns(run: RunWriter): Promise<boolean> {
    const batch = this.queue.batch()
    const turns: TurnInput[] = []
    for (const { prepared, operation } of batch)
      turns.push(await this.withChild(prepared.turn, operation.turn.child))
    const progress = this.progress.state()
    const result = await run.record(turns, progress)
    if (result.kind !== "done") return this.handleResult(result)
    this.queue.remove(batch.length)
    this.queue.restoreBatches()
    this.progress.recorded(progress)
    return true
  }

  private async withChild(turn: TurnInput, child: RunKey | undefined): Promise<TurnInput> {
    if (child === undefined) return turn
    const runId = await this.options.resolve(child, REFERENCE_MS)
    return runId === undefined ? turn : { ...turn, child_run_id: runId }
  }

  /** Handles the result of a command. Returns false if nothing more can be sent. */
  private handleResult(result: WriteResult): boolean | Promise<boolean> {
    const { run } = this
    switch (result.kind) {
      case "done":
        this.progress.resend()
        return true
      case "elsewhere":
        return run !== undefined && this.adopt(run, result.cursor, result.ended)
      case "full":
        return run !== undefined && this.continueInNext(run)
      case "unacceptable":
        return this.replaceTurn(result.message)
      case "unknown":
        this.options.onLost()
        return false
      case "refused":
        this.options.onProblem(`${this.options.key}: ${result.message}`)
        this.stop()
        return false
      case "closed":
        return false
    }
  }

  /** Handles a run that another watcher has written to or ended. */
  private adopt(run: RunWriter, cursor: number, ended: boolean): boolean {
    if (cursor < run.cursor) {
      this.options.onLost()
      return false
    }
    if (run.recordedBy === undefined) this.turnsToSkip += cursor - run.cursor
    run.cursor = cursor
    this.progress.resend()
    if (ended) this.closeRun(run)
    return true
  }

  /** Ends a run that has reached its limit of turns. Later turns go into the next run. */
  private async continueInNext(run: RunWriter): Promise<boolean> {
    if (this.queue.halve()) return true
    const { key } = this.options
    const end: EndOperation = { op: "end", key, status: "done" }
    const result = await run.complete(end, "The run reached its turn limit. The next run continues it.")
    if (result.kind !== "done") return this.handleResult(result)
    this.queue.restoreBatches()
    this.closeRun(run)
    return true
  }

  /** Finds the turn that the server refuses, by halving the batch, and replaces it with a note. */
  private replaceTurn(message: string): boolean {
    if (this.queue.halve()) return true
    const { key, onProblem } = this.options
    onProblem(`${key}: a turn was refused: ${message}`)
    const head = this.queue.head()
    if (head?.op !== "turn" || head.refused === true) {
      this.stop()
      return false
    }
    this.queue.replaceFirst(noteTurn("turn_refused", `This turn was refused: ${message}`, {}))
    return true
  }

  private async end(run: RunWriter, end: EndOperation): Promise<boolean> {
    await this.sendUnsent(run)
    const summary = "summary" in end && this.options.content ? end.summary : undefined
    const { recordedBy } = run
    // Hooks report the end of a run themselves, unless the process was killed. Telemetry arrives much later.
    const result: WriteResult =
      recordedBy === undefined || recordedBy === "hooks"
        ? await run.complete(end, summary, recordedBy !== undefined)
        : { kind: "done" }
    if (result.kind !== "done") return this.handleResult(result)
    this.closeRun(run)
    this.progress.clear()
    return true
  }

  private async sendUnsent(run: RunWriter): Promise<void> {
    const changes = this.description.takeUnsent()
    if (changes !== undefined) await run.update(changes)
  }

  /** Reports the session's current activity, once all turns are stored. */
  private async report(): Promise<boolean> {
    const { run } = this
    if (run === undefined) return false
    await this.sendUnsent(run)
    const due = run.recordedBy === undefined ? this.progress.due() : undefined
    if (due === undefined) return false
    if (await run.report(due.progress)) return true
    this.progress.resend()
    setTimeout(() => this.wake(), REPORT_RETRY_MS)
    return false
  }
}
