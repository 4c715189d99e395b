import { type Clock, isoTime } from "@/server/platform/Clock"
import type { RunRow, RunStore } from "@/server/store/RunStore"
import type { LiveRun } from "./live/LiveRun"
import type { LiveRuns } from "./live/LiveRuns"

export type GraceParts = {
  store: RunStore
  clock: Clock
  live: LiveRuns
  /** The grace period of runs that don't have their own. */
  graceMs: number
  /** Called when a run has ended because its agent didn't return. */
  onEnd(row: RunRow): void
}

/** Ends runs whose agents don't return within the grace period. */
export interface GracePeriods {
  /** Called when the server starts. Returns the runs in progress, whose agents may return. */
  pending(): Promise<RunRow[]>
  /** Starts the full grace period of a run that has no connection on this node. */
  begin(run: LiveRun): void
  isRunning(run: LiveRun): boolean
  /** Stops the grace period of a run whose agent has returned. */
  cancel(run: LiveRun): void
  /** Stops ending runs. */
  stop(): void
}

/** The time between attempts to end a run while the store is unavailable. */
const RETRY_MS = 1_000
const MAX_TIMER_MS = 2 ** 31 - 1

/** The grace periods of a single server: timers in this process. */
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
      // A failure is ignored: this process keeps the time in memory, and after a restart the grace period starts over.
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
        // The end has already been published, unless this node still holds the run as a live run.
        if (end.row !== undefined && live.get(run_id) === run) onEnd(end.row)
      } else {
        // A write in progress has changed the owner. Ending the run is retried with that owner, unless the owner is
        // connected.
        if (end.row !== undefined) run.row = { ...run.row, owner: end.row.owner }
        retry()
      }
    }, retry)
  }
}
