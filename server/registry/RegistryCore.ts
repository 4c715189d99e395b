import type { Limits } from "@/lib/protocol/limits"
import type { Progress, RunSummary } from "@/lib/protocol/run"
import type { Clock } from "@/server/platform/Clock"
import type { Redactor } from "@/server/redact/Redactor"
import type { RunRow, RunStore } from "@/server/store/RunStore"
import type { LiveRun } from "./LiveRun"
import type { LiveRuns } from "./LiveRuns"
import type { RegistryListener, RunOwner } from "./RegistryEvents"
import { RunOwnership } from "./RunOwnership"
import { summariseRun } from "./summariseRun"

export type RegistryParts = {
  store: RunStore
  clock: Clock
  limits: Limits
  listener: RegistryListener
  /** Shared with the `RunQueries`, which shows live data of runs. */
  live: LiveRuns
  mintRunId?: () => string
  /** Removes secrets from everything that agents send. Without one, it is stored as sent. */
  redactor?: Redactor | undefined
}

/** What the registry's commands share: live runs, their owners, and publishing what changed. */
export class RegistryCore {
  readonly store: RunStore
  readonly clock: Clock
  readonly limits: Limits
  readonly listener: RegistryListener
  readonly live: LiveRuns
  readonly redactor: Redactor | undefined
  readonly ownership: RunOwnership

  constructor({ store, clock, limits, listener, live, redactor }: RegistryParts) {
    this.store = store
    this.clock = clock
    this.limits = limits
    this.listener = listener
    this.live = live
    this.redactor = redactor
    this.ownership = new RunOwnership({
      store,
      clock,
      live,
      graceMs: limits.graceMs,
      onChange: (run) => this.publishChange(run),
      onEnd: (row) => this.publishEnd(row),
    })
  }

  redact<T>(value: T): T {
    return this.redactor === undefined ? value : this.redactor.value(value)
  }

  /** Makes a connection the owner of a run that it has just written to, if the run is in progress. */
  own(row: RunRow, owner: RunOwner): LiveRun | undefined {
    if (row.status !== "in_progress") return undefined
    const run = this.live.get(row.run_id) ?? this.adopt(row)
    run.update(row)
    this.ownership.wrote(run, owner)
    return run
  }

  /** Starts to hold live data of a run in progress. */
  adopt(row: RunRow): LiveRun {
    return this.live.add(row, (run, progress) => this.#publishProgress(run, progress))
  }

  publishChange(run: LiveRun): void {
    this.listener.runChanged(summariseRun(run.row, run))
  }

  publishEnd(row: RunRow): void {
    const run = this.live.get(row.run_id)
    if (run !== undefined) this.live.remove(run)
    if (row.termination !== undefined) this.listener.runEnded(this.live.summarise(row), row.termination)
  }

  /**
   * Publishes a run that changed because of another one: its parent got a child, or it is continued by another run.
   * Best effort: after a failed read, viewers see the change with the run's next one.
   */
  publishRelated(run_id: string): void {
    this.store.get(run_id).then(
      (row) => {
        if (row === undefined) return
        const run = this.live.get(run_id)
        if (run !== undefined) {
          const { child_count, continued_by } = row
          run.row = { ...run.row, child_count, ...(continued_by !== undefined && { continued_by }) }
        }
        this.listener.runChanged(this.live.summarise(row))
      },
      () => {},
    )
  }

  /** Publishes every run that a new or deleted run refers to. */
  publishRelatives({ parent, continues }: Pick<RunSummary, "parent" | "continues">): void {
    if (parent !== undefined) this.publishRelated(parent.run_id)
    if (continues !== undefined) this.publishRelated(continues.run_id)
  }

  #publishProgress(run: LiveRun, progress: Progress | null): void {
    this.listener.progressChanged(summariseRun(run.row, run), progress)
    if (run.progress.isWaiting === run.isWaitingPublished) return
    run.isWaitingPublished = run.progress.isWaiting
    this.publishChange(run)
  }
}
