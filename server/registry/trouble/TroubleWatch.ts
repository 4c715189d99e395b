import type { Clock } from "@/server/platform/Clock"
import type { LiveRun } from "@/server/registry/live/LiveRun"
import type { LiveRuns } from "@/server/registry/live/LiveRuns"
import type { RunStore } from "@/server/store/RunStore"
import { findTrouble, nextChangeMs } from "./findTrouble"
import { UsualCosts } from "./UsualCosts"

/** Runs that are due within the same step of this length are checked together. */
const STEP_MS = 1_000
/** The maximum number of runs checked without a pause. */
const RUNS_PER_TICK = 500
const PAUSE_MS = 50

type Parts = {
  store: Pick<RunStore, "list">
  clock: Clock
  live: LiveRuns
  /** Called when a run's kinds of trouble have changed. */
  onChange(run: LiveRun): void
}

/**
 * Detects which live runs are in trouble. A run is checked after each of its commands, and when a deadline passes. All
 * deadlines share one timer, so that idle runs cost nothing.
 */
export class TroubleWatch {
  readonly #parts: Parts
  readonly #costs: UsualCosts
  /** The runs to check, by the number of their step. */
  readonly #steps = new Map<number, Set<LiveRun>>()
  #timer: unknown
  #timerAtMs = Number.POSITIVE_INFINITY
  #isStopped = false
  /** The runs that `checkSoon` will check. */
  readonly #written = new Set<LiveRun>()

  constructor(parts: Parts) {
    this.#parts = parts
    const { store, clock, live } = parts
    this.#costs = new UsualCosts({
      store,
      clock,
      onRead: (agentId) => {
        for (const run of live.values()) if (run.row.agent_id === agentId) this.check(run)
      },
    })
  }

  /** Checks a run, and publishes it if its kinds of trouble have changed. */
  check(run: LiveRun): void {
    if (this.update(run)) this.#parts.onChange(run)
  }

  /**
   * Checks a run after the current microtasks. A run that gets many turns in one round of the store is therefore
   * checked only once.
   */
  checkSoon(run: LiveRun): void {
    if (this.#written.size === 0) queueMicrotask(() => this.#checkWritten())
    this.#written.add(run)
  }

  #checkWritten(): void {
    const runs = [...this.#written]
    this.#written.clear()
    for (const run of runs) this.check(run)
  }

  /** Checks a run. Returns true if its kinds of trouble have changed. */
  update(run: LiveRun): boolean {
    const { clock, live } = this.#parts
    if (this.#isStopped || live.get(run.row.run_id) !== run) return false
    const { cost_usd, estimated_cost_usd } = run.row.totals
    if (cost_usd + estimated_cost_usd > 0) run.usualCost = this.#costs.get(run.row.agent_id)
    const before = run.found
    run.found = findTrouble(run, live.trouble, { wallMs: clock.now(), ms: clock.monotonic() })
    this.#schedule(run)
    return before.size !== run.found.size || [...run.found.keys()].some((kind) => !before.has(kind))
  }

  /** Called when a run of the agent has ended. */
  onEnd(agentId: string): void {
    this.#costs.onEnd(agentId)
  }

  stop(): void {
    this.#isStopped = true
    this.#costs.stop()
    this.#parts.clock.clearTimeout(this.#timer)
    this.#steps.clear()
  }

  #schedule(run: LiveRun): void {
    const atMs = nextChangeMs(run, this.#parts.live.trouble, this.#parts.clock.monotonic())
    if (!Number.isFinite(atMs)) return
    const number = Math.ceil(atMs / STEP_MS)
    // The run's earlier check will schedule this later one.
    if (run.step !== undefined && run.step.number <= number) return
    run.step?.leave()
    const runs = this.#steps.get(number) ?? new Set()
    this.#steps.set(number, runs.add(run))
    run.step = { number, leave: () => this.#leave(run, number) }
    this.#wakeAt(number * STEP_MS)
  }

  #leave(run: LiveRun, number: number): void {
    run.step = undefined
    const runs = this.#steps.get(number)
    runs?.delete(run)
    if (runs?.size === 0) this.#steps.delete(number)
    if (this.#steps.size > 0) return
    this.#parts.clock.clearTimeout(this.#timer)
    this.#timerAtMs = Number.POSITIVE_INFINITY
  }

  #wakeAt(atMs: number): void {
    if (atMs >= this.#timerAtMs || this.#isStopped) return
    const { clock } = this.#parts
    clock.clearTimeout(this.#timer)
    this.#timerAtMs = atMs
    this.#timer = clock.setTimeout(() => this.#tick(), atMs - clock.monotonic())
  }

  #tick(): void {
    this.#timerAtMs = Number.POSITIVE_INFINITY
    const now = this.#parts.clock.monotonic()
    this.#checkDue(now)
    const next = Math.min(...this.#steps.keys()) * STEP_MS
    if (Number.isFinite(next)) this.#wakeAt(Math.max(next, now + PAUSE_MS))
  }

  #checkDue(nowMs: number): void {
    let checked = 0
    for (const [number, runs] of this.#steps) {
      if (number * STEP_MS > nowMs) continue
      for (const run of [...runs]) {
        if (checked++ >= RUNS_PER_TICK) return
        this.#leave(run, number)
        this.check(run)
      }
    }
  }
}
