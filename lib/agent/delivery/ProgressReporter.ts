import type { AgentProgress } from "@/lib/agent/AgentTurn"
import { type PreparedProgress, prepareProgress } from "@/lib/agent/turn/prepareProgress"
import { keepEnd } from "@/lib/protocol/bytes"
import { LIMITS } from "@/lib/protocol/limits"
import { setBackgroundTimeout } from "./timers"

export type ProgressOptions = {
  /** True if progress may be sent now: the agent is connected, and no queued turn would clear it. */
  isIdle: () => boolean
  /** The connection's number. The server discards progress when the connection changes. */
  epoch: () => number
  /** Sends the whole value; null clears it. Resolves with false if it didn't arrive. */
  send: (progress: PreparedProgress | null) => Promise<boolean>
}

/** At most four messages a second: people can't read faster, and each message carries the whole value. */
const INTERVAL_MS = 250
const RETRY_MS = 1_000

/**
 * Holds what a run is doing now and sends the latest value. Nothing is queued: while the connection is down or turns
 * are queued, only the value changes. Recording a turn clears it.
 */
export class ProgressReporter {
  private value: PreparedProgress | undefined
  private isDirty = false
  private serverHasValue = false
  private sentEpoch = 0
  private isBusy = false
  private readonly activities: PreparedProgress[] = []

  constructor(private readonly options: ProgressOptions) {}

  /** Merges fields into the value. Null resets it to the latest activity that is still running, if any. */
  report(progress: AgentProgress | null): void {
    if (progress === null) this.value = this.activities.at(-1)
    else this.value = { ...this.value, ...prepareProgress(progress) }
    this.isDirty = true
    this.flush()
  }

  /** Appends to the text. Only the newest 16 KiB are kept. */
  append(text: string): void {
    const whole = (this.value?.text ?? "") + text
    this.value = { ...this.value, text: keepEnd(whole, LIMITS.progressTextBytes) }
    this.isDirty = true
    this.flush()
  }

  /** Shows an activity until the returned function is called. Turns recorded in the meantime don't end it. */
  begin(activity: AgentProgress): () => void {
    const prepared = prepareProgress(activity)
    this.activities.push(prepared)
    this.value = { ...this.value, ...prepared }
    this.isDirty = true
    this.flush()
    return () => {
      const index = this.activities.indexOf(prepared)
      if (index >= 0) this.activities.splice(index, 1)
    }
  }

  /** Call when a turn is recorded: the server clears progress when it stores a turn. */
  onTurn(): void {
    this.serverHasValue = false
    this.value = this.activities.at(-1)
    this.isDirty = this.value !== undefined
  }

  /** Sends the value if it changed and sending is possible. */
  flush(): void {
    if (this.isBusy || !this.options.isIdle()) return
    const epoch = this.options.epoch()
    if (this.sentEpoch !== epoch) {
      this.sentEpoch = epoch
      this.serverHasValue = false
      this.isDirty = this.value !== undefined
    }
    if (!this.isDirty) return
    this.isDirty = false
    if (this.value !== undefined || this.serverHasValue) void this.send(this.value ?? null)
  }

  private async send(value: PreparedProgress | null): Promise<void> {
    this.isBusy = true
    this.serverHasValue = value !== null
    const arrived = await this.options.send(value)
    if (!arrived && this.value !== undefined) this.isDirty = true
    const next = () => {
      this.isBusy = false
      this.flush()
    }
    setBackgroundTimeout(next, arrived ? INTERVAL_MS : RETRY_MS)
  }
}
