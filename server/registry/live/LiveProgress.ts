import type { ProgressInput } from "@/lib/protocol/commands"
import { LIMITS } from "@/lib/protocol/limits"
import type { Progress, RunActivity } from "@/lib/protocol/run"
import { keepChars, keepLastChars } from "@/lib/trace/cutText"
import { firstArgument } from "@/lib/trace/outlineTurn"
import { type Clock, isoTime } from "@/server/platform/Clock"
import type { Redactor } from "@/server/redact/Redactor"
import { mergeProgress } from "./mergeProgress"
import { ProgressRedactor } from "./ProgressRedactor"

const MIN_MS_BETWEEN = 1_000 / LIMITS.progressPerSecond

/** The progress that a batch brings along, in force once its turns are stored. */
export type BatchProgress = { reporter: object; report: ProgressInput | null }

/** A batch that is being stored: how many reports came before it, and the progress that it brings along. */
export type BatchMark = { readonly version: number; next?: { reporter: object; progress: Progress } }

/**
 * What a run's agent is doing now. Publishes at most 20 times per second, and always the state at that moment: null
 * once it was cleared, nothing after `stop`.
 */
export class LiveProgress {
  readonly #clock: Clock
  readonly #publish: (progress: Progress | null) => void
  readonly #redactor: ProgressRedactor | undefined
  #progress: Progress | undefined
  #since = ""
  #waitingSince = ""
  /** When the current tool was first reported, on the clock that never jumps. */
  #toolSinceMs = 0
  #reporter: object | undefined
  /** The newest batch that no report came after: the next report is about the turn after it. */
  #pending: BatchMark | undefined
  /** Counts reports, so that a batch can tell whether one came after it. */
  #version = 0
  #hasPublished = false
  #publishedAt = Number.NEGATIVE_INFINITY
  #timer: unknown
  #isStopped = false

  constructor(clock: Clock, publish: (progress: Progress | null) => void, redactor?: Redactor) {
    this.#clock = clock
    this.#publish = publish
    this.#redactor = redactor && new ProgressRedactor(redactor)
  }

  get current(): Progress | undefined {
    const now = this.#progress
    return now === undefined || this.#redactor === undefined ? now : this.#redactor.shown(now)
  }

  get isWaiting(): boolean {
    return this.#progress?.waiting_for !== undefined
  }

  /** True if the agent can't continue until someone acts; not if it is idle until the next prompt. */
  get needsSomeone(): boolean {
    return this.isWaiting && this.#progress?.waiting_kind !== "prompt"
  }

  /** Since when the agent has been waiting; undefined while it isn't. */
  get waitingSince(): string | undefined {
    return this.isWaiting ? this.#waitingSince : undefined
  }

  /** The tool that is running, and since when on the clock that never jumps. A tool that waits for someone isn't running. */
  get runningTool(): { sinceMs: number } | undefined {
    const { tool, started_at } = this.#progress ?? {}
    if (tool === undefined || this.isWaiting) return undefined
    if (started_at === undefined) return { sinceMs: this.#toolSinceMs }
    const reportedAgoMs = this.#clock.now() - Date.parse(started_at)
    return { sinceMs: Math.min(this.#toolSinceMs, this.#clock.monotonic() - reportedAgoMs) }
  }

  /** The short form, for lists. */
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

  /** Called when a batch is handed to the store: later reports are about the turn after it. */
  startBatch(next?: BatchProgress): BatchMark {
    const mark: BatchMark = { version: this.#version }
    if (next?.report) mark.next = { reporter: next.reporter, progress: this.#merge(undefined, next.report) }
    this.#pending = mark
    return mark
  }

  /**
   * Called when the batch is stored. Progress from before the batch gives way to the progress that came with it, if
   * any. A report from after the batch stays and is published again, since it is about the next turn now. A duplicate
   * batch stored no turns, so it clears nothing.
   */
  finishBatch(mark: BatchMark, isDuplicate = false): void {
    if (this.#pending === mark) this.#pending = undefined
    if (this.#version !== mark.version) {
      if (this.#progress !== undefined) this.#publishSoon()
    } else if (mark.next !== undefined) this.#set(mark.next.reporter, mark.next.progress, true)
    else if (!isDuplicate) this.#unset()
  }

  /** Called when the batch couldn't be stored: the progress is about the same turn as before. */
  dropBatch(mark: BatchMark): void {
    if (this.#pending === mark) this.#pending = undefined
  }

  /** Like `finishBatch`, for a batch that reopened the run: every report to the live run came after it. */
  finishReopeningBatch(next?: BatchProgress): void {
    if (this.#progress !== undefined) this.#publishSoon()
    else if (next?.report) this.report(next.reporter, next.report)
  }

  /** Clears what a closed connection has reported. */
  clearReporter(reporter: object): void {
    if (this.#pending?.next?.reporter === reporter) delete this.#pending.next
    if (this.#reporter === reporter) this.clear()
  }

  clear(): void {
    this.#version += 1
    this.#pending = undefined
    this.#unset()
  }

  /** Publishes nothing from here on. */
  stop(): void {
    this.#isStopped = true
    this.#progress = undefined
    this.#reporter = undefined
    this.#clock.clearTimeout(this.#timer)
    this.#timer = undefined
  }

  #merge(known: Progress | undefined, report: ProgressInput): Progress {
    return this.#redactor?.merge(known ?? {}, report) ?? mergeProgress(known ?? {}, report)
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

/** The end of the text, else the tool's first argument. */
function activityText({ text, tool, parameters }: Progress): Pick<RunActivity, "text"> {
  if (text !== undefined && text !== "") return { text: keepLastChars(text, LIMITS.activityTextChars) }
  const argument = tool === undefined ? "" : firstArgument(parameters)
  return argument === "" ? {} : { text: keepChars(argument, LIMITS.activityTextChars) }
}
