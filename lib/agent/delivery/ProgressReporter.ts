import { newestText } from "@/lib/agent/turn/cutText"
import { type AgentProgress, prepareProgress } from "@/lib/agent/turn/prepareProgress"
import type { CommandInput } from "@/lib/protocol/catalogue"
import { LIMITS } from "@/lib/protocol/limits"
import { later } from "./timers"

type Shown = NonNullable<CommandInput<"runs.report_progress">["progress"]>

export type ProgressOptions = {
  /** Whether progress may go out now: connected, and no turn waiting that would clear it. */
  quiet: () => boolean
  /** The connection's number: another one means that the server has forgotten what was shown. */
  epoch: () => number
  /** Whether all that is shown goes out each time, and not only what is new of it. */
  whole?: boolean
  send: (progress: Shown | null) => Promise<boolean>
}

const INTERVAL_MS = 1000 / LIMITS.progressPerSecond
const AFTER_TROUBLE_MS = 1_000

/**
 * Keeps what a run does now, and shows the server the newest of it: merged, one message under way, at most 20 a second.
 * Nothing is queued: while offline or while turns wait it only changes what will be shown, and a recorded turn makes it void.
 */
export class ProgressReporter {
  /** All of what is to be shown; `changed`: the part that the server lacks, or "all" of it. */
  private shown: Shown | undefined
  private changed: Shown | "all" | undefined
  private serverShows = false
  /** Fields that are gone must be cleared by null: the server keeps what it is not told. */
  private clearFirst = false
  private sentEpoch = 0
  private busy = false
  private readonly activities: Shown[] = []

  constructor(private readonly options: ProgressOptions) {}

  /** Merges something into what is shown; null shows nothing but the activities that go on. */
  report(progress: AgentProgress | null): void {
    if (progress === null) {
      this.shown = this.activities.at(-1)
      this.changed = this.shown === undefined ? undefined : "all"
      this.clearFirst = this.serverShows
    } else this.merge(prepareProgress(progress))
    this.poke()
  }

  /** Shows an activity until the function that comes back is called; after a turn, those that still go on are shown again. */
  begin(activity: AgentProgress): () => void {
    const shown = prepareProgress(activity)
    this.activities.push(shown)
    this.merge(shown)
    this.poke()
    return () => {
      const at = this.activities.indexOf(shown)
      if (at >= 0) this.activities.splice(at, 1)
    }
  }

  /** A turn was recorded: what was shown is over. */
  turnRecorded(): void {
    this.serverShows = this.clearFirst = false
    this.shown = this.activities.at(-1)
    this.changed = this.shown === undefined ? undefined : "all"
  }

  /** Sends what has changed, if now is the time. */
  poke(): void {
    const { quiet, epoch } = this.options
    if (this.busy || !quiet()) return
    if (this.sentEpoch !== epoch()) {
      this.sentEpoch = epoch()
      this.serverShows = this.clearFirst = false
      this.changed = this.shown === undefined ? undefined : "all"
    }
    if (this.clearFirst) {
      this.clearFirst = false
      this.changed = this.shown === undefined ? undefined : "all"
      void this.send(null)
    } else if (this.changed !== undefined) {
      const message = this.changed === "all" ? (this.shown ?? null) : this.changed
      this.changed = undefined
      void this.send(message)
    }
  }

  private async send(message: Shown | null): Promise<void> {
    this.busy = true
    this.serverShows = message !== null
    const sent = await this.options.send(message)
    if (!sent && this.shown !== undefined) this.changed = "all"
    later(
      () => {
        this.busy = false
        this.poke()
      },
      sent ? INTERVAL_MS : AFTER_TROUBLE_MS,
    )
  }

  private merge(news: Shown): void {
    const { text_delta, ...fields } = news
    const text = fields.text ?? this.shown?.text ?? ""
    this.shown = { ...this.shown, ...fields }
    if (text_delta !== undefined) this.shown.text = newestText(text + text_delta, LIMITS.progressTextBytes)
    if (this.options.whole) this.changed = "all"
    if (this.changed === "all") return
    const before = this.changed ?? {}
    const next: Shown = { ...before, ...fields }
    if (fields.text !== undefined) delete next.text_delta
    if (text_delta !== undefined) {
      if (next.text !== undefined) next.text = newestText(next.text + text_delta, LIMITS.progressTextBytes)
      else next.text_delta = newestText((next.text_delta ?? "") + text_delta, LIMITS.progressTextBytes)
    }
    this.changed = next
  }
}
