import type { EndOperation, StartOperation } from "@/lib/dialects/operations"
import { HookedRun, type HookedRunParts } from "./HookedRun"

/** The runs of one session: one for each of its processes. A sub-agent has a single run. */
export class HookProcesses {
  readonly #parts: HookedRunParts
  #n = 1
  #last: string | undefined
  /** The run of the last process, if another writer wrote it. */
  #followed: string | undefined

  constructor(parts: HookedRunParts) {
    this.#parts = parts
  }

  /**
   * True if another writer wrote the last process's run. That writer recognizes processes on its own and starts the
   * next run, so hooks must give it time to do so.
   */
  get isFollower(): boolean {
    return this.#followed !== undefined
  }

  /** Starts or finds the run of a process that has just started. */
  async begin(
    operation: StartOperation,
    parent: string | undefined,
  ): Promise<HookedRun | "over" | "unavailable"> {
    if (this.#followed !== undefined) {
      const run = await HookedRun.followed(this.#parts, this.#followed)
      if (run !== undefined) return run
    }
    const references = { parent, continues: this.#last }
    const started = await HookedRun.start(this.#parts, operation, references, this.#n)
    if (typeof started === "string") return started
    this.#n = started.n
    return started.run
  }

  /**
   * Records the end of a process. The status `incomplete` means that the process was only silent, so its run may
   * continue.
   */
  ended(run: HookedRun | undefined, { status }: EndOperation, isWriter: boolean): void {
    this.#followed = run !== undefined && !isWriter ? run.runId : undefined
    if (run === undefined) return
    this.#last = run.runId
    if (status !== "incomplete") this.#n++
  }
}
