import type { DialectProgress, Operation, WaitOperation } from "@/lib/dialects/operations"
import type { ProgressInput } from "@/lib/protocol/commands"
import { progressInput } from "@/server/ingest/runs/progressInput"

/** A run's current progress, and whether it has been reported. */
export class ShownProgress {
  #progress: DialectProgress | null = null
  #waiting: WaitOperation["waiting"] = null
  #isShown = true

  get isShown(): boolean {
    return this.#isShown
  }

  take(operation: Operation): void {
    if (operation.op === "progress") this.#progress = operation.progress
    else if (operation.op === "wait") this.#waiting = operation.waiting
    this.#isShown = false
  }

  /** Returns the progress for a report. */
  input(now: number): ProgressInput | null {
    return progressInput(this.#progress, this.#waiting, now)
  }

  shown(): void {
    this.#isShown = true
  }

  clear(): void {
    this.#progress = null
    this.#waiting = null
    this.#isShown = true
  }
}
