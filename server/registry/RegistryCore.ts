import type { Limits } from "@/lib/protocol/limits"
import type { Progress, RunSummary } from "@/lib/protocol/run"
import type { Clock } from "@/server/platform/Clock"
import type { PriceList } from "@/server/prices/PriceList"
import type { Redactor } from "@/server/redact/Redactor"
import type { Fence, RunRow, RunStore, StoreRefusal } from "@/server/store/RunStore"
import { type GraceParts, type GracePeriods, LocalGracePeriods } from "./GracePeriods"
import type { LiveRun } from "./live/LiveRun"
import type { LiveRuns } from "./live/LiveRuns"
import { NO_REMOTE_RUNS, type RemoteRuns } from "./live/RemoteRun"
import type { RegistryListener, RunOwner } from "./RegistryEvents"
import { RunOwnership } from "./RunOwnership"
import { summarizeRun } from "./summarizeRun"
import { recallTurns } from "./trouble/recallTurns"
import { TroubleWatch } from "./trouble/TroubleWatch"

export type RegistryParts = {
  store: RunStore
  clock: Clock
  limits: Limits
  listener: RegistryListener
  /** Shared with `RunQueries`, which adds live data to runs. */
  live: LiveRuns
  mintRunId?: () => string
  /** Redacts everything that agents send. Without it, everything is stored as sent. */
  redactor?: Redactor | undefined
  /** Estimates costs. Without it, turns have only the costs that agents report. */
  prices?: PriceList | undefined
  /** Creates the grace periods. Default: `LocalGracePeriods`. */
  createGracePeriods?: ((parts: GraceParts) => GracePeriods) | undefined
  /** Live data of runs on other nodes. Undefined for a single server. */
  remoteRuns?: RemoteRuns | undefined
}

/** The state and helpers that the registry's commands share: live runs, their owners, and publishing of changes. */
export class RegistryCore {
  readonly store: RunStore
  readonly clock: Clock
  readonly limits: Limits
  readonly listener: RegistryListener
  readonly live: LiveRuns
  readonly redactor: Redactor | undefined
  readonly prices: PriceList | undefined
  readonly ownership: RunOwnership
  readonly grace: GracePeriods
  readonly trouble: TroubleWatch
  readonly #remote: RemoteRuns

  constructor(parts: RegistryParts) {
    const { store, clock, limits, listener, live, redactor } = parts
    this.store = store
    this.clock = clock
    this.limits = limits
    this.listener = listener
    this.live = live
    this.redactor = redactor
    this.prices = parts.prices
    this.#remote = parts.remoteRuns ?? NO_REMOTE_RUNS
    this.trouble = new TroubleWatch({
      store,
      clock,
      live,
      onChange: (run) => this.listener.runChanged(summarizeRun(run.row, run)),
    })
    const onEnd = (row: RunRow) => this.publishEnd(row)
    const graceParts = { store, clock, live, graceMs: limits.graceMs, onEnd }
    this.grace = parts.createGracePeriods?.(graceParts) ?? new LocalGracePeriods(graceParts)
    this.ownership = new RunOwnership({
      store,
      live,
      grace: this.grace,
      onChange: (run) => this.publishChange(run),
    })
  }

  redact<T>(value: T): T {
    return this.redactor === undefined ? value : this.redactor.value(value)
  }

  /**
   * Makes a connection the owner of a run that it has just written to, if the run is in progress. `appended`: the number
   * of turns that it has just appended.
   */
  own(row: RunRow, owner: RunOwner, appended = 0): LiveRun | undefined {
    if (row.status !== "in_progress") return undefined
    const { run_id } = row
    const known = (this.live.get(run_id) ?? this.live.getRemote(run_id))?.row.cursor
    const run = this.live.get(run_id) ?? this.#adoptReturning(row)
    run.update(row)
    this.ownership.wrote(run, owner)
    this.trouble.checkSoon(run)
    if (known !== undefined) this.#publishMissed(row, known, row.cursor - appended - known)
    return run
  }

  /** Publishes turns whose commit this node hasn't noticed, because its connection to the database broke. */
  #publishMissed(row: RunRow, from: number, count: number): void {
    if (count <= 0) return
    const run = () => this.live.summarize(row)
    // The fan-out reads the turns from the log.
    this.listener.turnsStored({ run_id: row.run_id, from, count, run, turns: () => undefined })
  }

  /**
   * Returns the fence for a write. A connection that has already written to the run may continue it, but not take it
   * over again.
   */
  fenceOf(owner: RunOwner, run_id: string): { fence?: Fence } {
    return owner.disconnect !== undefined && this.live.hasWritten(owner, run_id) ? { fence: "continue" } : {}
  }

  /**
   * Closes the owner's connection if the write was refused because another node has taken over the run. Returns the
   * refusal.
   */
  refused<R extends StoreRefusal>(refusal: R, owner: RunOwner): R {
    if (refusal.code === "fenced") owner.disconnect?.("another node has taken over its run")
    return refusal
  }

  /** Starts holding live data of a run that has moved to this node, and reads its recent turns. */
  #adoptReturning(row: RunRow): LiveRun {
    const run = this.adopt(row)
    if (row.cursor > 0) void this.recall(run)
    return run
  }

  /**
   * Reads a run's newest turns from the store. If this fails, only the run's sparkline and its trouble are incomplete.
   */
  async recall(run: LiveRun): Promise<void> {
    await recallTurns(this.store, run, this.clock).catch(() => {})
    this.trouble.check(run)
  }

  /** Starts holding live data of a run in progress. */
  adopt(row: RunRow): LiveRun {
    return this.live.add(row, (run, progress) => this.#publishProgress(run, progress))
  }

  publishChange(run: LiveRun): void {
    this.trouble.update(run)
    this.listener.runChanged(summarizeRun(run.row, run))
  }

  publishEnd(row: RunRow): void {
    const run = this.live.get(row.run_id)
    if (run !== undefined) this.live.remove(run)
    this.live.dropRemote(row.run_id)
    this.trouble.onEnd(row.agent_id)
    if (row.termination !== undefined) this.listener.runEnded(this.live.summarize(row), row.termination)
  }

  /**
   * Publishes a run that has changed because of another run: it got a child run, or another run continues it. If the
   * read fails, viewers see this change together with the run's next change.
   */
  publishRelated(run_id: string): Promise<void> {
    return Promise.all([this.store.get(run_id), this.#remote.load(run_id)]).then(
      ([row]) => {
        if (row === undefined) return
        const run = this.live.get(run_id)
        if (run !== undefined) {
          const { child_count, continued_by } = row
          run.row = { ...run.row, child_count, ...(continued_by !== undefined && { continued_by }) }
        }
        this.listener.runChanged(this.live.summarize(row))
      },
      () => {},
    )
  }

  /** Publishes the runs that a new or deleted run refers to. */
  publishRelatives({ parent, continues }: Pick<RunSummary, "parent" | "continues">): void {
    if (parent !== undefined) void this.publishRelated(parent.run_id)
    if (continues !== undefined) void this.publishRelated(continues.run_id)
  }

  #publishProgress(run: LiveRun, progress: Progress | null): void {
    this.listener.progressChanged(summarizeRun(run.row, run), progress)
    if (run.progress.isWaiting === run.isWaitingPublished) return
    run.isWaitingPublished = run.progress.isWaiting
    this.publishChange(run)
  }
}
