import type {
  EndOperation,
  Operation,
  RunKey,
  StartOperation,
  TurnOperation,
} from "@/lib/dialects/operations"
import type { OperationWriter } from "@/server/ingest/runs/OperationWriter"
import { prepareTurn } from "@/server/ingest/runs/prepareTurn"
import { StoreUnavailableError } from "@/server/store/RunStore"
import type { HookedRun, HookedRunParts, HookResult } from "./HookedRun"
import { HookProcesses } from "./HookProcesses"
import { HOLD_MS, type HookSession } from "./HookSession"
import { ShownProgress } from "./ShownProgress"

const RETRY_MS = 1_000
/** How long a turn or a start waits until the run that it refers to has started. */
const REFERENCE_MS = 5_000
/** How long a watcher gets to end the run that it writes. It usually takes 3 s at most (see docs/ingest.md). */
const FOLLOWED_END_MS = 15_000

export type HookRunWriterParts = HookedRunParts & {
  key: RunKey
  session: HookSession
  maxTurnBytes: number
  onEnd(requests: ReadonlySet<number>): void
  onPending(change: number): void
  onTurns(count: number): void
  onLost(count: number): void
  logError(error: unknown): void
}

/**
 * Carries out the operations from hooks, either for the runs of a session (one per process) or for a sub-agent's run.
 * The first event starts the run, and progress is always reported. Turns are held back for a moment: if another writer
 * writes the run, such as a watcher that reads the session's file, hooks don't add turns.
 */
export class HookRunWriter implements OperationWriter {
  readonly requests: ReadonlySet<number>[] = []
  readonly #parts: HookRunWriterParts
  readonly #queue: Operation[] = []
  #run: HookedRun | undefined
  #start: StartOperation | undefined
  readonly #processes: HookProcesses
  #beginAt: number | undefined
  readonly #progress = new ShownProgress()
  #usedAt = 0
  #isWorking = false
  #isAgain = false
  #isClosed = false

  constructor(parts: HookRunWriterParts) {
    this.#parts = parts
    this.#processes = new HookProcesses(parts)
  }

  isIdleSince(time: number): boolean {
    return this.#queue.length === 0 && this.#usedAt < time
  }

  close(): void {
    this.#isClosed = true
  }

  push(operations: readonly Operation[]): void {
    this.#usedAt = this.#parts.clock.now()
    for (const operation of operations) {
      const isPresence = operation.op === "progress" || operation.op === "wait"
      // Progress after the end of a process belongs to the next run, which hasn't started yet.
      if (isPresence && !this.#queue.some(({ op }) => op === "end")) this.#progress.take(operation)
      else this.#enqueue(operation)
    }
    this.#wake()
  }

  #enqueue(operation: Operation): void {
    this.#queue.push(operation)
    this.#parts.onPending(1)
  }

  #shift(): void {
    this.#queue.shift()
    this.#parts.onPending(-1)
  }

  #wake(): void {
    this.#isAgain = true
    if (!this.#isWorking) void this.#work()
  }

  async #work(): Promise<void> {
    this.#isWorking = true
    while (this.#isAgain) {
      this.#isAgain = false
      while (!this.#isClosed && (await this.#tryStep())) {}
    }
    this.#isWorking = false
  }

  /**
   * Carries out a step. An operation that fails although the store is available is dropped, because it would fail
   * again.
   */
  async #tryStep(): Promise<boolean> {
    try {
      return await this.#step()
    } catch (error) {
      if (error instanceof StoreUnavailableError) return this.#retryLater()
      this.#parts.logError(error)
      const [failed] = this.#queue
      if (failed?.op === "turn") this.#parts.onLost(1)
      if (failed !== undefined) this.#shift()
      if (failed?.op === "end") this.#parts.onEnd(this.requests.shift() ?? new Set())
      return failed !== undefined
    }
  }

  /** Carries out the next operation. Returns false if there is nothing to do at the moment. */
  async #step(): Promise<boolean> {
    const [head] = this.#queue
    if (head?.op === "start") return this.#begin(head)
    if (head?.op === "progress" || head?.op === "wait") {
      this.#progress.take(head)
      this.#shift()
      return true
    }
    if (head !== undefined && this.#role() !== undefined) return this.#carryOut(head)
    return this.#report()
  }

  /**
   * Returns `write` if hooks write the run's turns, `follow` if another writer does, and `over` if there is no run that
   * accepts turns. Returns undefined while it isn't known who writes the turns.
   */
  #role(): "write" | "follow" | "over" | undefined {
    if (this.#run === undefined) return "over"
    return this.#run.role ?? this.#parts.session.role
  }

  async #begin(operation: StartOperation): Promise<boolean> {
    const { session, key } = this.#parts
    if (this.#isTooEarly()) return false
    this.#start = operation
    const isRoot = operation.parent === undefined
    if (isRoot) session.setRole(undefined)
    const parent =
      operation.parent === undefined ? undefined : await session.runOf(operation.parent.key, REFERENCE_MS)
    const agent_id = (isRoot ? undefined : session.agentId) ?? operation.agent_id
    const run = await this.#processes.begin({ ...operation, agent_id }, parent)
    if (run === "unavailable") return this.#retryLater()
    this.#shift()
    this.#run = run === "over" ? undefined : run
    this.#beginAt = undefined
    session.setRun(key, this.#run?.runId)
    if (isRoot) this.#expectRole()
    else session.onRole(() => this.#wake())
    return true
  }

  /** Returns true while another writer of this session's runs may still start the next one. */
  #isTooEarly(): boolean {
    if (!this.#processes.isFollower) return false
    const { session, clock } = this.#parts
    if (this.#beginAt === undefined) {
      this.#beginAt = clock.now() + HOLD_MS
      session.afterHold(() => this.#wake())
    }
    return clock.now() < this.#beginAt
  }

  /** Decides the role: hooks write this process's turns unless another writer has started to write them. */
  #expectRole(): void {
    const { session } = this.#parts
    const run = this.#run
    session.agentId = run?.agentId
    if (run === undefined || run.role !== undefined) {
      session.setRole(run?.role ?? "follow")
      return
    }
    session.onRole(() => this.#wake())
    session.afterHold(() => void this.#decide(run))
  }

  async #decide(run: HookedRun): Promise<void> {
    if (this.#run !== run || this.#isClosed) return
    const result = await run.refresh()
    if (result === "unavailable") this.#parts.clock.setTimeout(() => void this.#decide(run), RETRY_MS)
    else this.#parts.session.setRole(result === "over" ? "follow" : (run.role ?? "write"))
  }

  async #carryOut(head: Operation): Promise<boolean> {
    const role = this.#role()
    let result: HookResult = "done"
    if (head.op === "end") result = await this.#end(head, role === "write")
    else if (role === "write" && head.op === "turn") result = await this.#record(head)
    else if (role === "write" && head.op === "update" && this.#run !== undefined)
      result = await this.#run.rename(head)
    if (result === "unavailable") return this.#retryLater()
    if (result === "full") return this.#continueInNext()
    if (result === "over" && head.op === "turn") this.#parts.onLost(1)
    // A turn that conflicts with another writer stays in the queue until the role has been decided again.
    if (result === "follow") this.#follow()
    else if (result !== "again") this.#shift()
    return true
  }

  async #record({ turn: { child, ...turn } }: TurnOperation): Promise<HookResult> {
    const { session, clock, maxTurnBytes, onTurns } = this.#parts
    const prepared = prepareTurn(turn, undefined, clock.now(), maxTurnBytes - 64 * 1024)
    const childRunId = child === undefined ? undefined : await session.runOf(child, REFERENCE_MS)
    if (childRunId !== undefined) prepared.turn.child_run_id = childRunId
    const result = (await this.#run?.record(prepared.turn, this.#progress.input(clock.now()))) ?? "over"
    if (result === "done") {
      onTurns(1)
      this.#progress.shown()
    }
    return result
  }

  #follow(): void {
    if (this.#start?.parent === undefined) this.#parts.session.setRole("follow")
  }

  async #end(operation: EndOperation, isWriter: boolean): Promise<HookResult> {
    const run = this.#run
    if (run !== undefined && isWriter) {
      const result = await run.complete(operation, false)
      if (result === "unavailable") return result
    } else if (run !== undefined) this.#endFollowed(run, operation)
    this.#processes.ended(run, operation, isWriter)
    this.#run = undefined
    this.#progress.clear()
    this.#parts.onEnd(this.requests.shift() ?? new Set())
    return "done"
  }

  /** Ends a run that another writer writes, unless that writer has ended it in the meantime. */
  #endFollowed(run: HookedRun, operation: EndOperation): void {
    this.#parts.clock.setTimeout(() => void run.complete(operation, true), FOLLOWED_END_MS)
  }

  /** Continues in a new run, because this one has reached the maximum number of turns. */
  async #continueInNext(): Promise<boolean> {
    const { key, clock } = this.#parts
    const start = this.#start
    if (start === undefined || this.#run === undefined) return false
    const end: EndOperation = { op: "end", key, status: "done", summary: "The next run continues this one." }
    if ((await this.#run.complete(end, false)) === "unavailable") return this.#retryLater()
    this.#processes.ended(this.#run, end, true)
    this.#queue.unshift({ ...start, started_at: new Date(clock.now()).toISOString() })
    this.#parts.onPending(1)
    return true
  }

  /** Reports progress, unless another writer writes the run. That writer reports more detailed progress itself. */
  async #report(): Promise<boolean> {
    if (this.#progress.isShown || this.#run === undefined || this.#role() === "follow") return false
    this.#progress.shown()
    await this.#run.report(this.#progress.input(this.#parts.clock.now()))
    return true
  }

  #retryLater(): false {
    this.#parts.clock.setTimeout(() => this.#wake(), RETRY_MS)
    return false
  }
}
