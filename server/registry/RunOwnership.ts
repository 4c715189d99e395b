import type { RunStore } from "@/server/store/RunStore"
import type { GracePeriods } from "./GracePeriods"
import type { LiveRun } from "./live/LiveRun"
import type { LiveRuns } from "./live/LiveRuns"
import type { RunOwner } from "./RegistryEvents"

type Parts = {
  store: RunStore
  live: LiveRuns
  grace: GracePeriods
  onChange(run: LiveRun): void
}

/** Tracks the owners of runs. When an owner closes, passes its runs to other writers or starts their grace periods. */
export class RunOwnership {
  readonly #parts: Parts
  /** Closed connections, which may still have writes in progress. */
  readonly #closed = new WeakSet<RunOwner>()
  #isStopped = false

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** Called after a start, take-over or write was stored. Makes the connection the owner if it is still open. */
  wrote(run: LiveRun, owner: RunOwner): void {
    const { live, grace, onChange } = this.#parts
    if (this.#closed.has(owner)) {
      if (run.owner !== undefined || grace.isRunning(run)) return
      grace.begin(run)
      onChange(run)
      return
    }
    const hadNoOwner = run.owner === undefined
    live.own(run, owner)
    run.markSeen(owner)
    grace.cancel(run)
    run.disconnectedAt = undefined
    this.requestCancel(run)
    if (hadNoOwner) onChange(run)
  }

  /**
   * Called when a connection has closed. Each of its runs passes to another open connection that has written to the
   * run, if there is one.
   */
  closed(owner: RunOwner): void {
    this.#closed.add(owner)
    if (this.#isStopped) return
    for (const run of this.#parts.live.dropWriter(owner)) {
      run.progress.clearReporter(owner)
      if (run.owner !== owner) continue
      const next = [...run.writers].at(-1)
      if (next === undefined) this.#lose(run)
      else this.#pass(run, next)
    }
  }

  /**
   * Sends a pending cancellation request to the owner. Each owner gets the request only once, unless `again` is true.
   * Returns true if there is an owner.
   */
  requestCancel(run: LiveRun, again = false): boolean {
    const { owner, row } = run
    if (owner === undefined) return false
    if (row.cancel_requested_at === undefined || (run.sentCancel.has(owner) && !again)) return true
    run.sentCancel.add(owner)
    owner.requestCancel({
      run_id: row.run_id,
      ...(row.cancel_reason !== undefined && { reason: row.cancel_reason }),
      requested_at: row.cancel_requested_at,
    })
    return true
  }

  /** Stops changing owners and ending runs. */
  stop(): void {
    this.#isStopped = true
    this.#parts.grace.stop()
  }

  #pass(run: LiveRun, next: RunOwner): void {
    const { live, store } = this.#parts
    live.own(run, next)
    run.row = { ...run.row, owner: next.id }
    // A failure is ignored, because the connection's next write makes it the owner anyway.
    store.markDisconnected({ run_id: run.row.run_id, disconnected_at: null, owner: next.id }).catch(() => {})
    this.requestCancel(run)
  }

  #lose(run: LiveRun): void {
    run.owner = undefined
    run.progress.clear()
    this.#parts.grace.begin(run)
    this.#parts.onChange(run)
  }
}
