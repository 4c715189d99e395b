import { isoTime } from "@/server/platform/Clock"
import type { GraceParts, GracePeriods } from "@/server/registry/GracePeriods"
import type { LiveRun } from "@/server/registry/live/LiveRun"
import type { RunRow } from "@/server/store/RunStore"

const RETRY_MS = 1_000

/**
 * Grace periods in the database. A run's row has the deadline, by the database's clock, and the node that sweeps ends
 * the run. This class only stores the deadline.
 */
export class ClusterGracePeriods implements GracePeriods {
  readonly #parts: GraceParts
  readonly #onReleased: (run: LiveRun) => void
  #isStopped = false

  /** `onReleased`: called once the database has the deadline. The node then no longer needs to hold the run. */
  constructor(parts: GraceParts, onReleased: (run: LiveRun) => void) {
    this.#parts = parts
    this.#onReleased = onReleased
  }

  /**
   * Returns no runs, because nothing must be restored: other nodes own their runs, and the sweep ends the runs whose
   * node is gone.
   */
  async pending(): Promise<RunRow[]> {
    return []
  }

  begin(run: LiveRun): void {
    const now = this.#parts.clock.now()
    run.disconnectedAt ??= isoTime(now)
    run.graceEndsAt = isoTime(now + (run.row.grace_ms ?? this.#parts.graceMs))
    this.#markDisconnected(run)
  }

  isRunning(run: LiveRun): boolean {
    return run.graceEndsAt !== undefined
  }

  cancel(run: LiveRun): void {
    run.stopGrace()
  }

  stop(): void {
    this.#isStopped = true
    for (const run of this.#parts.live.values()) run.stopGrace()
  }

  /** Called when the sweep has ended a run. */
  onSwept(row: RunRow): void {
    this.#parts.onEnd(row)
  }

  #markDisconnected(run: LiveRun): void {
    const { store, clock } = this.#parts
    const { disconnectedAt: disconnected_at, row } = run
    if (disconnected_at === undefined || this.#isStopped) return
    store.markDisconnected({ run_id: row.run_id, disconnected_at, owner: row.owner }).then(
      () => {
        if (this.#isWaiting(run)) this.#onReleased(run)
      },
      () => {
        run.graceTimer = clock.setTimeout(() => {
          if (this.#isWaiting(run)) this.#markDisconnected(run)
        }, RETRY_MS)
      },
    )
  }

  #isWaiting(run: LiveRun): boolean {
    return run.owner === undefined && this.#parts.live.get(run.row.run_id) === run
  }
}
