import type { Progress, RunSummary } from "@/lib/protocol/run"
import type { Clock } from "@/server/platform/Clock"
import type { Redactor } from "@/server/redact/Redactor"
import type { RunRow } from "@/server/store/RunStore"
import { LiveRun } from "./LiveRun"
import type { RunOwner } from "./RegistryEvents"
import { summariseRun } from "./summariseRun"

/** This node's runs in progress, and which connections have written to which of them. Never holds ended runs. */
export class LiveRuns {
  readonly #clock: Clock
  readonly #redactor: Redactor | undefined
  readonly #runs = new Map<string, LiveRun>()
  readonly #writtenBy = new Map<RunOwner, Set<LiveRun>>()

  /** `redactor`: removes secrets from progress before it is published. */
  constructor(clock: Clock, redactor?: Redactor) {
    this.#clock = clock
    this.#redactor = redactor
  }

  get size(): number {
    return this.#runs.size
  }

  get(run_id: string): LiveRun | undefined {
    return this.#runs.get(run_id)
  }

  values(): IterableIterator<LiveRun> {
    return this.#runs.values()
  }

  /** A run as viewers see it now. */
  summarise(row: RunRow): RunSummary {
    return summariseRun(row, this.#runs.get(row.run_id))
  }

  add(row: RunRow, publish: (run: LiveRun, progress: Progress | null) => void): LiveRun {
    const run = new LiveRun(row, this.#clock, publish, this.#redactor)
    this.#runs.set(row.run_id, run)
    return run
  }

  /** Drops a run and everything held for it. */
  remove(run: LiveRun): void {
    run.stop()
    this.#runs.delete(run.row.run_id)
    for (const writer of run.writers) this.#forget(writer, run)
    run.writers.clear()
    run.owner = undefined
  }

  /** Makes an open connection the run's owner. */
  own(run: LiveRun, owner: RunOwner): void {
    if (run.owner === owner) return
    run.writers.delete(owner)
    run.writers.add(owner)
    run.owner = owner
    const written = this.#writtenBy.get(owner)
    if (written === undefined) this.#writtenBy.set(owner, new Set([run]))
    else written.add(run)
  }

  /** Drops a connection. Returns the live runs that it had written to. */
  dropWriter(owner: RunOwner): LiveRun[] {
    const written = [...(this.#writtenBy.get(owner) ?? [])]
    this.#writtenBy.delete(owner)
    for (const run of written) run.writers.delete(owner)
    return written
  }

  /** How many connections something is held for. */
  get writers(): number {
    return this.#writtenBy.size
  }

  #forget(writer: RunOwner, run: LiveRun): void {
    const written = this.#writtenBy.get(writer)
    written?.delete(run)
    if (written?.size === 0) this.#writtenBy.delete(writer)
  }
}
