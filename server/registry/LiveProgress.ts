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

/**
 * What a run's agent is doing now. Tells `tell` at most 20 times a second what holds at that moment,
 * so that nothing stale is ever told: null once it was cleared, nothing once it was stopped.
 */
export class LiveProgress {
  readonly #clock: Clock
  readonly #tell: (progress: Progress | null) => void
  readonly #redactor: ProgressRedactor | undefined
  #progress: Progress | undefined
  #since = ""
  #waitingSince = ""
  #reporter: object | undefined
  #afresh = false
  #epoch = 0
  #toldOf = false
  #toldAt = Number.NEGATIVE_INFINITY
  #timer: unknown
  #stopped = false

  constructor(clock: Clock, tell: (progress: Progress | null) => void, redactor?: Redactor) {
    this.#clock = clock
    this.#tell = tell
    this.#redactor = redactor && new ProgressRedactor(redactor)
  }

  get current(): Progress | undefined {
    const now = this.#progress
    return now === undefined || this.#redactor === undefined ? now : this.#redactor.shown(now)
  }

  get waiting(): boolean {
    return this.#progress?.waiting_for !== undefined
  }

  /** In short, for a list. */
  activity(): RunActivity | undefined {
    const now = this.current
    if (now === undefined) return undefined
    return {
      since: now.waiting_for === undefined ? (now.started_at ?? this.#since) : this.#waitingSince,
      ...(now.kind !== undefined && { kind: now.kind }),
      ...(now.tool !== undefined && { tool: now.tool }),
      ...activityText(now),
      ...(now.waiting_for !== undefined && { waiting_for: now.waiting_for }),
    }
  }

  /** Takes a report; null clears. */
  report(reporter: object, report: ProgressInput | null): void {
    if (report === null) {
      this.clear()
      return
    }
    const known = this.#afresh ? undefined : this.#progress
    const time = isoTime(this.#clock.now())
    const merged = this.#redactor?.merge(known ?? {}, report) ?? mergeProgress(known ?? {}, report)
    if (known === undefined) this.#since = time
    if (merged.waiting_for !== known?.waiting_for) this.#waitingSince = time
    this.#progress = merged
    this.#reporter = reporter
    this.#afresh = false
    this.#epoch += 1
    this.#tellSoon()
  }

  /**
   * Called when a batch is handed to the store: a report after it is about the turn after it, and begins afresh.
   * Clears with the mark that it returns, once the batch is stored.
   */
  markBatch(): number {
    this.#afresh = true
    return this.#epoch
  }

  /** Clears what was reported before the mark. A later report stays and is told again: it is about the next turn now. */
  clearMarked(mark: number): void {
    if (this.#epoch === mark) this.clear()
    else if (this.#progress !== undefined) this.#tellSoon()
  }

  /** Clears what a connection that went had reported. */
  clearReporter(reporter: object): void {
    if (this.#reporter === reporter) this.clear()
  }

  clear(): void {
    this.#epoch += 1
    this.#afresh = false
    this.#reporter = undefined
    if (this.#progress === undefined) return
    this.#progress = undefined
    this.#tellSoon()
  }

  /** Nothing is told from here on. */
  stop(): void {
    this.#stopped = true
    this.#progress = undefined
    this.#reporter = undefined
    this.#clock.clearTimeout(this.#timer)
    this.#timer = undefined
  }

  #tellSoon(): void {
    if (this.#stopped || this.#timer !== undefined) return
    const wait = this.#toldAt + MIN_MS_BETWEEN - this.#clock.monotonic()
    if (wait <= 0) this.#tellNow()
    else {
      this.#timer = this.#clock.setTimeout(() => {
        this.#timer = undefined
        this.#tellNow()
      }, wait)
    }
  }

  #tellNow(): void {
    if (this.#stopped || (this.#progress === undefined && !this.#toldOf)) return
    this.#toldAt = this.#clock.monotonic()
    this.#toldOf = this.#progress !== undefined
    this.#tell(this.current ?? null)
  }
}

/** The end of what is said, else the tool's first argument. */
function activityText({ text, tool, parameters }: Progress): Pick<RunActivity, "text"> {
  if (text !== undefined && text !== "") return { text: keepLastChars(text, LIMITS.activityTextChars) }
  const argument = tool === undefined ? "" : firstArgument(parameters)
  return argument === "" ? {} : { text: keepChars(argument, LIMITS.activityTextChars) }
}
