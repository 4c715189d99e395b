import { type Clock, isoTime } from "@/server/platform/Clock"
import type { RunRow, RunStore } from "@/server/store/RunStore"
import type { LiveRun } from "./live/LiveRun"
import type { LiveRuns } from "./live/LiveRuns"

/** What grace periods work with. */
export type GraceParts = {
  store: RunStore
  clock: Clock
  live: LiveRuns
  /** The grace period of runs that have none of their own. */
  graceMs: number
  /** A run ended because its agent didn't return. */
  onEnd(row: RunRow): void
}

/** Decides when a run whose agent is gone ends. */
export interface GracePeriods {
  /** Runs in progress when the server starts, whose agents may return to it. */
  pending(): Promise<RunRow[]>
  /** Starts the whole grace period of a run that has no connection on this node. */
  begin(run: LiveRun): void
  isRunning(run: LiveRun): boolean
  /** The run's agent has returned. */
  cancel(run: LiveRun): void
  /** Ends no more runs. */
  stop(): void
}

/** When the store couldn't end a run, it is asked again after this long. */
const RETRY_MS = 1_000
const MAX_TIMER_MS = 2 ** 31 - 1

/** Grace periods of a server that is the only one: timers of this process. */
export class LocalGracePeriods implements GracePeriods {
  readonly #parts: GraceParts
  #isStopped = false

  constructor(parts: GraceParts) {
    this.#parts = parts
  }

  pending(): Promise<RunRow[]> {
    return this.#parts.store.inProgress()
  }

  begin(run: LiveRun): void {
    const { clock, store, graceMs: defaultMs } = this.#parts
    if (run.disconnectedAt === undefined) {
      const disconnected_at = isoTime(clock.now())
      run.disconnectedAt = disconnected_at
      const { run_id, owner } = run.row
      // Best effort: this process knows it as long as the run is live, and after a restart the grace starts over.
      store.markDisconnected({ run_id, disconnected_at, owner }).catch(() => {})
    }
    if (this.#isStopped) return
    const graceMs = Math.min(run.row.grace_ms ?? defaultMs, MAX_TIMER_MS)
    this.cancel(run)
    run.graceEndsAt = isoTime(clock.now() + graceMs)
    run.graceTimer = clock.setTimeout(() => this.#abandon(run), graceMs)
  }

  isRunning(run: LiveRun): boolean {
    return run.graceTimer !== undefined
  }

  cancel(run: LiveRun): void {
    run.stopGrace()
  }

  stop(): void {
    this.#isStopped = true
    for (const run of this.#parts.live.values()) run.stopGrace()
  }

  #abandon(run: LiveRun): void {
    const { store, clock, live, onEnd } = this.#parts
    const { run_id, owner } = run.row
    const retry = () => {
      if (this.#isStopped || run.owner !== undefined || live.get(run_id) !== run) return
      run.graceTimer = clock.setTimeout(() => this.#abandon(run), RETRY_MS)
    }
    store.abandon({ run_id, owner, ended_at: isoTime(clock.now()) }).then((end) => {
      if (end.ok) onEnd(end.row)
      else if (end.code === "already_terminal" || end.code === "not_found") {
        // The end has been published by what ended the run, unless the run still counts as live here.
        if (end.row !== undefined && live.get(run_id) === run) onEnd(end.row)
      } else {
        // A write that was in progress has changed the owner: renew the fence, unless that owner is connected.
        if (end.row !== undefined) run.row = { ...run.row, owner: end.row.owner }
        retry()
      }
    }, retry)
  }
}
