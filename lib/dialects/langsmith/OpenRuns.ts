import { sizeOf } from "@/lib/dialects/sizeOf"
import type { Json } from "@/lib/protocol/fields"

/** Parts of a LangSmith run that hasn't ended. Inputs are in the post, outputs in the patch. Either may come first. */
export type OpenRun = {
  fields: { [field: string]: Json | undefined }
  isPosted: boolean
  isPatched: boolean
  /** Fields that were dropped, with their sizes. */
  leftOut: { [field: string]: number }
  size: number
}

const MAX_RUNS = 20_000
/** Maximum size of all runs together, as measured by `sizeOf`. */
const MAX_SIZE = 32 * 1024 * 1024
/** Fields that may be large. The others are needed to place a run. */
const CONTENT = ["events", "serialized", "extra", "inputs", "outputs", "error"]

/**
 * The LangSmith runs that haven't ended. Beyond a total size, the runs that have been silent longest lose their
 * content.
 */
export class OpenRuns {
  readonly #runs = new Map<string, OpenRun>()
  #size = 0

  /** Approximate size of all runs. */
  get size(): number {
    return this.#size
  }

  /** Returns the parts of a run that have arrived. */
  get(id: string): OpenRun {
    return this.#runs.get(id) ?? { fields: {}, isPosted: false, isPatched: false, leftOut: {}, size: 0 }
  }

  /** Stores a run as the newest. */
  keep(id: string, run: OpenRun): void {
    this.delete(id)
    run.size = sizeOf(run.fields)
    this.#runs.set(id, run)
    this.#size += run.size
    for (const [oldest, open] of this.#runs) {
      if (this.#runs.size > MAX_RUNS) this.delete(oldest)
      else if (this.#size > MAX_SIZE) this.#dropContent(open)
      else return
    }
    // Names and ids can have any length, so the runs may be too large even without content.
    for (const oldest of this.#runs.keys()) {
      if (this.#size <= MAX_SIZE) return
      this.delete(oldest)
    }
  }

  delete(id: string): void {
    this.#size -= this.#runs.get(id)?.size ?? 0
    this.#runs.delete(id)
  }

  #dropContent(run: OpenRun): void {
    for (const field of CONTENT) {
      if (run.fields[field] === undefined) continue
      run.leftOut[field] = sizeOf(run.fields[field])
      delete run.fields[field]
    }
    this.#size -= run.size
    run.size = sizeOf(run.fields)
    this.#size += run.size
  }
}
