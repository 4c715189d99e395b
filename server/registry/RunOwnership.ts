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

/** Who owns which run: passes ownership on when a connection closes, or starts the run's grace period. */
export class RunOwnership {
  readonly #parts: Parts
  /** Closed connections, one of whose writes may still be in progress. */
  readonly #closed = new WeakSet<RunOwner>()
  #isStopped = false

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** After a start, take-over or write was stored: its connection owns the run, if it is still open. */
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

  /** A connection closed: its runs pass to another connection that has written to them, or their grace begins. */
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

  /** Sends the owner a pending cancellation request, once unless `again`. Returns true if there is an owner. */
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

  /** Changes no owner and ends no run any more. */
  stop(): void {
    this.#isStopped = true
    this.#parts.grace.stop()
  }

  #pass(run: LiveRun, next: RunOwner): void {
    const { live, store } = this.#parts
    live.own(run, next)
    run.row = { ...run.row, owner: next.id }
    // Best effort: the next write of the connection makes it the owner anyway.
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
