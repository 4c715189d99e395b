import { type Clock, isoTime } from "@/server/platform/Clock"
import type { RunRow, RunStore } from "@/server/store/RunStore"
import type { LiveRun } from "./LiveRun"
import type { LiveRuns } from "./LiveRuns"
import type { RunOwner } from "./RegistryEvents"

/** How long to wait before the store is asked again to end a run, when it could not. */
const RETRY_MS = 1_000
const LONGEST_TIMER_MS = 2 ** 31 - 1

type Parts = {
  store: RunStore
  clock: Clock
  live: LiveRuns
  graceMs: number
  changed(run: LiveRun): void
  ended(row: RunRow): void
}

/** Who owns which run: passes ownership on when a connection closes, and ends a run that nobody came back to. */
export class RunOwnership {
  readonly #parts: Parts
  /** Connections that have closed while a write of theirs may still be under way. */
  readonly #gone = new WeakSet<RunOwner>()
  #stopped = false

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** After a start, a take-over or a write was stored: its connection owns the run, if it is still there. */
  wrote(run: LiveRun, owner: RunOwner): void {
    if (this.#gone.has(owner)) {
      if (run.owner !== undefined || run.graceTimer !== undefined) return
      this.beginGrace(run)
      this.#parts.changed(run)
      return
    }
    const wasAlone = run.owner === undefined
    this.#parts.live.own(run, owner)
    run.sign(owner)
    run.stopGrace()
    run.disconnectedAt = undefined
    this.tellOfCancel(run)
    if (wasAlone) this.#parts.changed(run)
  }

  /** A connection closed: its runs go to another that has written to them, or their grace begins. */
  closed(owner: RunOwner): void {
    this.#gone.add(owner)
    if (this.#stopped) return
    for (const run of this.#parts.live.dropWriter(owner)) {
      run.progress.clearReporter(owner)
      if (run.owner !== owner) continue
      const next = [...run.writers].at(-1)
      if (next === undefined) this.#lose(run)
      else this.#pass(run, next)
    }
  }

  /** Gives a run that nobody is connected for its whole grace, from now on. */
  beginGrace(run: LiveRun): void {
    if (run.disconnectedAt === undefined) this.#noteLost(run)
    this.#beginGrace(run)
  }

  /** Tells the owner, once, that a cancel is wanted. Whether there is an owner. */
  tellOfCancel(run: LiveRun, again = false): boolean {
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

  /** Ends no run from here on. */
  stop(): void {
    this.#stopped = true
    for (const run of this.#parts.live.values()) run.stopGrace()
  }

  #pass(run: LiveRun, next: RunOwner): void {
    this.#parts.live.own(run, next)
    run.row = { ...run.row, owner: next.id }
    this.#mark(run, null, next.id)
    this.tellOfCancel(run)
  }

  #lose(run: LiveRun): void {
    run.owner = undefined
    run.progress.clear()
    this.#noteLost(run)
    this.#beginGrace(run)
    this.#parts.changed(run)
  }

  #noteLost(run: LiveRun): void {
    run.disconnectedAt = isoTime(this.#parts.clock.now())
    this.#mark(run, run.disconnectedAt, run.row.owner)
  }

  #mark(run: LiveRun, disconnected_at: string | null, owner: string): void {
    // What fails to be noted is known here as long as the run lives; after a restart the grace begins afresh.
    this.#parts.store.markDisconnected({ run_id: run.row.run_id, disconnected_at, owner }).catch(() => {})
  }

  #beginGrace(run: LiveRun): void {
    if (this.#stopped) return
    const graceMs = Math.min(this.#parts.graceMs, LONGEST_TIMER_MS)
    run.stopGrace()
    run.graceEndsAt = isoTime(this.#parts.clock.now() + graceMs)
    run.graceTimer = this.#parts.clock.setTimeout(() => this.#abandon(run), graceMs)
  }

  #abandon(run: LiveRun): void {
    const { store, clock } = this.#parts
    const { run_id, owner } = run.row
    const retry = () => {
      if (this.#stopped || run.owner !== undefined || this.#parts.live.get(run_id) !== run) return
      run.graceTimer = clock.setTimeout(() => this.#abandon(run), RETRY_MS)
    }
    store.abandon({ run_id, owner, ended_at: isoTime(clock.now()) }).then((end) => {
      if (end.ok) this.#parts.ended(end.row)
      else if (end.code === "already_terminal" || end.code === "not_found") {
        // Whoever ended it has told of it, unless it still counts as live here.
        if (end.row !== undefined && this.#parts.live.get(run_id) === run) this.#parts.ended(end.row)
      } else {
        // A write that was under way has changed the owner: the fence is renewed, unless somebody came with it.
        if (end.row !== undefined) run.row = { ...run.row, owner: end.row.owner }
        retry()
      }
    }, retry)
  }
}
