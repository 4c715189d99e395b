import { type Clock, isoTime } from "@/server/platform/Clock"
import type { RunRow, RunStore } from "@/server/store/RunStore"
import type { LiveRun } from "./LiveRun"
import type { LiveRuns } from "./LiveRuns"
import type { RunOwner } from "./RegistryEvents"

/** When the store couldn't end a run, it is asked again after this long. */
const RETRY_MS = 1_000
const MAX_TIMER_MS = 2 ** 31 - 1

type Parts = {
  store: RunStore
  clock: Clock
  live: LiveRuns
  /** The grace period of runs that have none of their own. */
  graceMs: number
  onChange(run: LiveRun): void
  onEnd(row: RunRow): void
}

/** Who owns which run: passes ownership on when a connection closes, and ends a run whose agent doesn't return. */
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
    if (this.#closed.has(owner)) {
      if (run.owner !== undefined || run.graceTimer !== undefined) return
      this.beginGrace(run)
      this.#parts.onChange(run)
      return
    }
    const hadNoOwner = run.owner === undefined
    this.#parts.live.own(run, owner)
    run.markSeen(owner)
    run.stopGrace()
    run.disconnectedAt = undefined
    this.requestCancel(run)
    if (hadNoOwner) this.#parts.onChange(run)
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

  /** Starts the whole grace period of a run without an owner. */
  beginGrace(run: LiveRun): void {
    if (run.disconnectedAt === undefined) this.#markDisconnected(run)
    this.#beginGrace(run)
  }

  /** Sends the owner a pending cancellation request, once unless `again`. Returns true if there is an owner. */
  requestCancel(run: LiveRun, again = false): boolean {
    const { owner, row } = run
    if (owner === undefined) return false
    if (row.cancel_requested_at === undefined || (run.toldOfCancel.has(owner) && !again)) return true
    run.toldOfCancel.add(owner)
    owner.requestCancel({
      run_id: row.run_id,
      ...(row.cancel_reason !== undefined && { reason: row.cancel_reason }),
      requested_at: row.cancel_requested_at,
    })
    return true
  }

  /** Ends no more runs. */
  stop(): void {
    this.#isStopped = true
    for (const run of this.#parts.live.values()) run.stopGrace()
  }

  #pass(run: LiveRun, next: RunOwner): void {
    this.#parts.live.own(run, next)
    run.row = { ...run.row, owner: next.id }
    this.#mark(run, null, next.id)
    this.requestCancel(run)
  }

  #lose(run: LiveRun): void {
    run.owner = undefined
    run.progress.clear()
    this.#markDisconnected(run)
    this.#beginGrace(run)
    this.#parts.onChange(run)
  }

  #markDisconnected(run: LiveRun): void {
    run.disconnectedAt = isoTime(this.#parts.clock.now())
    this.#mark(run, run.disconnectedAt, run.row.owner)
  }

  #mark(run: LiveRun, disconnected_at: string | null, owner: string): void {
    // Best effort: this process knows it as long as the run is live, and after a restart the grace starts over.
    this.#parts.store.markDisconnected({ run_id: run.row.run_id, disconnected_at, owner }).catch(() => {})
  }

  #beginGrace(run: LiveRun): void {
    if (this.#isStopped) return
    const graceMs = Math.min(run.row.grace_ms ?? this.#parts.graceMs, MAX_TIMER_MS)
    run.stopGrace()
    run.graceEndsAt = isoTime(this.#parts.clock.now() + graceMs)
    run.graceTimer = this.#parts.clock.setTimeout(() => this.#abandon(run), graceMs)
  }

  #abandon(run: LiveRun): void {
    const { store, clock, live } = this.#parts
    const { run_id, owner } = run.row
    const retry = () => {
      if (this.#isStopped || run.owner !== undefined || live.get(run_id) !== run) return
      run.graceTimer = clock.setTimeout(() => this.#abandon(run), RETRY_MS)
    }
    store.abandon({ run_id, owner, ended_at: isoTime(clock.now()) }).then((end) => {
      if (end.ok) this.#parts.onEnd(end.row)
      else if (end.code === "already_terminal" || end.code === "not_found") {
        // The end has been published by what ended the run, unless the run still counts as live here.
        if (end.row !== undefined && live.get(run_id) === run) this.#parts.onEnd(end.row)
      } else {
        // A write that was in progress has changed the owner: renew the fence, unless that owner is connected.
        if (end.row !== undefined) run.row = { ...run.row, owner: end.row.owner }
        retry()
      }
    }, retry)
  }
}
