import type { ProgressInput } from "@/lib/protocol/commands"
import { LIMITS } from "@/lib/protocol/limits"
import type { Progress, RunActivity } from "@/lib/protocol/run"
import { keepChars, keepLastChars } from "@/lib/trace/keepChars"
import { firstArgument } from "@/lib/trace/outlineTurn"
import { type Clock, isoTime } from "@/server/platform/Clock"
import type { Redactor } from "@/server/redact/Redactor"
import { mergeProgress } from "./mergeProgress"
import { ProgressRedactor } from "./ProgressRedactor"

const MIN_MS_BETWEEN = 1_000 / LIMITS.progressPerSecond

/** Progress that is sent with a batch and applied once its turns are stored. */
export type BatchProgress = { reporter: object; report: ProgressInput | null }

/** A batch that is being stored: the number of reports before it, and the progress sent with it. */
export type BatchMark = { readonly version: number; next?: { reporter: object; progress: Progress } }

/**
 * A run's progress: what its agent is doing now. Publishes the current state at most 20 times per second. Publishes null
 * after the state was cleared, and nothing after `stop`.
 */
export class LiveProgress {
  readonly #clock: Clock
  readonly #publish: (progress: Progress | null) => void
  readonly #redactor: ProgressRedactor | undefined
  readonly #runStartedMs: number
  #progress: Progress | undefined
  #since = ""
  #waitingSince = ""
  /** When the current tool was first reported, in monotonic time. */
  #toolSinceMs = 0
  #reporter: object | undefined
  /** The newest batch, if there was no report after it. The next report then belongs to the turn after the batch. */
  #pending: BatchMark | undefined
  /** The number of reports so far. Shows whether there was a report after a batch. */
  #version = 0
  #hasPublished = false
  #publishedAt = Number.NEGATIVE_INFINITY
  #timer: unknown
  #isStopped = false

  /** `runStartedMs`: when the run started, as wall-clock time. */
  constructor(
    clock: Clock,
    publish: (progress: Progress | null) => void,
    redactor?: Redactor,
    runStartedMs = Number.NEGATIVE_INFINITY,
  ) {
    this.#clock = clock
    this.#publish = publish
    this.#redactor = redactor && new ProgressRedactor(redactor)
    this.#runStartedMs = runStartedMs
  }

  get current(): Progress | undefined {
    const now = this.#progress
    return now === undefined || this.#redactor === undefined ? now : this.#redactor.shown(now)
  }

  get isWaiting(): boolean {
    return this.#progress?.waiting_for !== undefined
  }

  /** True if the agent can't continue until a person acts. False if it is idle until the next prompt. */
  get needsSomeone(): boolean {
    return this.isWaiting && this.#progress?.waiting_kind !== "prompt"
  }

  /** When the agent started to wait; undefined while it isn't waiting. */
  get waitingSince(): string | undefined {
    return this.isWaiting ? this.#waitingSince : undefined
  }

  /** The running tool's start, in monotonic time. A tool that waits for a person isn't running. */
  get runningTool(): { sinceMs: number } | undefined {
    const { tool, started_at } = this.#progress ?? {}
    if (tool === undefined || this.isWaiting) return undefined
    if (started_at === undefined) return { sinceMs: this.#toolSinceMs }
    const reportedAgoMs = this.#clock.now() - Date.parse(started_at)
    return { sinceMs: Math.min(this.#toolSinceMs, this.#clock.monotonic() - reportedAgoMs) }
  }

  /** Returns a short form of the progress, for lists of runs. */
  activity(): RunActivity | undefined {
    const now = this.current
    if (now === undefined) return undefined
    return {
      since: this.waitingSince ?? now.started_at ?? this.#since,
      ...(now.kind !== undefined && { kind: now.kind }),
      ...(now.tool !== undefined && { tool: now.tool }),
      ...activityText(now),
      ...(now.waiting_for !== undefined && { waiting_for: now.waiting_for }),
      ...(now.waiting_kind !== undefined && { waiting_kind: now.waiting_kind }),
    }
  }

  /** Merges a report into the current progress, or replaces it; null clears it. */
  report(reporter: object, report: ProgressInput | null, isReplacing = false): void {
    if (report === null) {
      this.clear()
      return
    }
    const known = this.#pending === undefined ? this.#progress : this.#pending.next?.progress
    this.#version += 1
    this.#set(reporter, this.#merge(isReplacing ? undefined : known, report), known === undefined)
    this.#pending = undefined
  }

  /** Called when a batch is passed to the store. Later reports belong to the turn after the batch. */
  startBatch(next?: BatchProgress): BatchMark {
    const mark: BatchMark = { version: this.#version }
    if (next?.report) mark.next = { reporter: next.reporter, progress: this.#merge(undefined, next.report) }
    this.#pending = mark
    return mark
  }

  /**
   * Called when the batch is stored. Replaces earlier progress with the progress that was sent with the batch, if any,
   * or clears it. A report after the batch stays and is published again, because it belongs to the next turn. A
   * duplicate batch stores no turns and clears nothing.
   */
  finishBatch(mark: BatchMark, isDuplicate = false): void {
    if (this.#pending === mark) this.#pending = undefined
    if (this.#version !== mark.version) {
      if (this.#progress !== undefined) this.#publishSoon()
    } else if (mark.next !== undefined) this.#set(mark.next.reporter, mark.next.progress, true)
    else if (!isDuplicate) this.#unset()
  }

  /** Called when the batch couldn't be stored. The current progress still belongs to the same turn. */
  dropBatch(mark: BatchMark): void {
    if (this.#pending === mark) this.#pending = undefined
  }

  /** Like `finishBatch`, for a batch that reopened the run. All reports were made after the batch was sent. */
  finishReopeningBatch(next?: BatchProgress): void {
    if (this.#progress !== undefined) this.#publishSoon()
    else if (next?.report) this.report(next.reporter, next.report)
  }

  /** Clears progress reported by a closed connection. */
  clearReporter(reporter: object): void {
    if (this.#pending?.next?.reporter === reporter) delete this.#pending.next
    if (this.#reporter === reporter) this.clear()
  }

  clear(): void {
    this.#version += 1
    this.#pending = undefined
    this.#unset()
  }

  /** Stops publishing. */
  stop(): void {
    this.#isStopped = true
    this.#progress = undefined
    this.#reporter = undefined
    this.#clock.clearTimeout(this.#timer)
    this.#timer = undefined
  }

  #merge(known: Progress | undefined, report: ProgressInput): Progress {
    const merged = this.#redactor?.merge(known ?? {}, report) ?? mergeProgress(known ?? {}, report)
    // No turn starts before its run. Such a time comes from a clock that is behind, and would make a tool hang immediately.
    const isBeforeRun = merged.started_at !== undefined && Date.parse(merged.started_at) < this.#runStartedMs
    return isBeforeRun ? { ...merged, started_at: isoTime(this.#runStartedMs) } : merged
  }

  #set(reporter: object, progress: Progress, isNew: boolean): void {
    const time = isoTime(this.#clock.now())
    if (isNew) this.#since = time
    if (isNew || progress.waiting_for !== this.#progress?.waiting_for) this.#waitingSince = time
    const before = isNew ? undefined : this.#progress
    if (progress.tool !== before?.tool || progress.started_at !== before?.started_at)
      this.#toolSinceMs = this.#clock.monotonic()
    this.#progress = progress
    this.#reporter = reporter
    this.#publishSoon()
  }

  #unset(): void {
    this.#reporter = undefined
    if (this.#progress === undefined) return
    this.#progress = undefined
    this.#publishSoon()
  }

  #publishSoon(): void {
    if (this.#isStopped || this.#timer !== undefined) return
    const wait = this.#publishedAt + MIN_MS_BETWEEN - this.#clock.monotonic()
    if (wait <= 0) this.#publishNow()
    else {
      this.#timer = this.#clock.setTimeout(() => {
        this.#timer = undefined
        this.#publishNow()
      }, wait)
    }
  }

  #publishNow(): void {
    if (this.#isStopped || (this.#progress === undefined && !this.#hasPublished)) return
    this.#publishedAt = this.#clock.monotonic()
    this.#hasPublished = this.#progress !== undefined
    this.#publish(this.current ?? null)
  }
}

/** Returns the end of the text or, without text, the tool's first argument. */
function activityText({ text, tool, parameters }: Progress): Pick<RunActivity, "text"> {
  if (text !== undefined && text !== "") return { text: keepLastChars(text, LIMITS.activityTextChars) }
  const argument = tool === undefined ? "" : firstArgument(parameters)
  return argument === "" ? {} : { text: keepChars(argument, LIMITS.activityTextChars) }
}
