import type { EndOperation, StartOperation } from "@/lib/dialects/operations"
import { HookedRun, type HookedRunParts } from "./HookedRun"

/** The runs of one session, one for each of its processes. A sub-agent has one. */
export class HookProcesses {
  readonly #parts: HookedRunParts
  #n = 1
  #last: string | undefined
  /** The last process's run, if someone else wrote it. */
  #followed: string | undefined

  constructor(parts: HookedRunParts) {
    this.#parts = parts
  }

  /**
   * True if someone else wrote the last process's run. That one tells processes apart on its own and begins the next run, so it
   * comes first.
   */
  get isFollower(): boolean {
    return this.#followed !== undefined
  }

  /** Starts or finds the run of the process that begins now. */
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

  /** A process has ended, or was silent for too long; then its run may continue. */
  ended(run: HookedRun | undefined, { status }: EndOperation, isWriter: boolean): void {
    this.#followed = run !== undefined && !isWriter ? run.runId : undefined
    if (run === undefined) return
    this.#last = run.runId
    if (status !== "incomplete") this.#n++
  }
}
