import type { Progress, RunSummary } from "@/lib/protocol/run"
import type { Clock } from "@/server/platform/Clock"
import type { Redactor } from "@/server/redact/Redactor"
import type { RunRow } from "@/server/store/RunStore"
import { LiveRun } from "./LiveRun"
import type { RunOwner } from "./RegistryEvents"
import { summariseRun } from "./summariseRun"

/** The runs in progress of this node, and which connections have written to which. Ended runs are never held. */
export class LiveRuns {
  readonly #clock: Clock
  readonly #redactor: Redactor | undefined
  readonly #runs = new Map<string, LiveRun>()
  readonly #writtenBy = new Map<RunOwner, Set<LiveRun>>()

  /** With a redactor no secret is told of what agents do at the moment. */
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

  /** A run as readers see it now. */
  summarise(row: RunRow): RunSummary {
    return summariseRun(row, this.#runs.get(row.run_id))
  }

  add(row: RunRow, tell: (run: LiveRun, progress: Progress | null) => void): LiveRun {
    const run = new LiveRun(row, this.#clock, tell, this.#redactor)
    this.#runs.set(row.run_id, run)
    return run
  }

  /** Lets go of a run and of everything that was kept for it. */
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

  /** Lets go of a connection; the live runs that it had written to. */
  dropWriter(owner: RunOwner): LiveRun[] {
    const written = [...(this.#writtenBy.get(owner) ?? [])]
    this.#writtenBy.delete(owner)
    for (const run of written) run.writers.delete(owner)
    return written
  }

  /** Connections that something is kept for. */
  get writers(): number {
    return this.#writtenBy.size
  }

  #forget(writer: RunOwner, run: LiveRun): void {
    const written = this.#writtenBy.get(writer)
    written?.delete(run)
    if (written?.size === 0) this.#writtenBy.delete(writer)
  }
}
