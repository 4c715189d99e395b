import type { DialectProgress, ProgressOperation, WaitOperation } from "@/lib/dialects/operations"
import { progressPayload } from "./runPayloads"

/**
 * How long a process must be idle before it counts as waiting for a prompt. In print mode, a process is idle for a moment
 * before it exits.
 */
const IDLE_DELAY_MS = 250
/** The minimum time between two reports. */
const REPORT_INTERVAL_MS = 250

type Payload = ReturnType<typeof progressPayload>

/** A run's pending turn, and what the run is waiting for. Only the newest state is sent. */
export class RunProgress {
  private progress: DialectProgress | null = null
  private waiting: WaitOperation["waiting"] = null
  /** The state that the server shows, as far as the watcher knows. */
  private shown: string | undefined
  private idleTimer: NodeJS.Timeout | undefined
  private reportTimer: NodeJS.Timeout | undefined
  private reportedAt = 0

  constructor(
    private readonly content: boolean,
    private readonly onChange: () => void,
  ) {}

  take(operation: ProgressOperation | WaitOperation): void {
    if (operation.op === "progress") {
      this.progress = operation.progress
      return
    }
    clearTimeout(this.idleTimer)
    this.idleTimer = undefined
    if (operation.waiting?.kind !== "prompt") {
      this.waiting = operation.waiting
      return
    }
    const { waiting } = operation
    this.idleTimer = setTimeout(() => {
      this.idleTimer = undefined
      this.waiting = waiting
      this.onChange()
    }, IDLE_DELAY_MS)
  }

  /** Returns the state to report now; undefined if it hasn't changed or the last report was too recent. */
  due(): { progress: Payload } | undefined {
    const progress = this.payload()
    const text = JSON.stringify(progress)
    if (text === (this.shown ?? "null")) return undefined
    const wait = this.reportedAt + REPORT_INTERVAL_MS - Date.now()
    if (wait > 0) {
      this.reportTimer ??= setTimeout(() => {
        this.reportTimer = undefined
        this.onChange()
      }, wait)
      return undefined
    }
    this.reportedAt = Date.now()
    this.shown = text
    return { progress }
  }

  /** Returns the state that applies once the turns being sent are stored. */
  state(): Payload {
    return this.payload()
  }

  /** Call this when turns have been stored together with this state. */
  recorded(state: Payload): void {
    this.shown = JSON.stringify(state)
  }

  /** Call this when the server may have lost the state. */
  resend(): void {
    this.shown = undefined
  }

  clear(): void {
    this.progress = null
    this.waiting = null
    this.shown = undefined
    this.stop()
  }

  stop(): void {
    clearTimeout(this.idleTimer)
    clearTimeout(this.reportTimer)
    this.idleTimer = this.reportTimer = undefined
  }

  private payload(): Payload {
    return progressPayload(this.progress, this.waiting, this.content)
  }
}
