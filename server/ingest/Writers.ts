import type { OperationWriter } from "./runs/OperationWriter"

/** Longer than a dialect remembers a silent run. */
const IDLE_MS = 2 * 3_600_000

/** The writers of one token's runs, in order of use. */
export class Writers {
  readonly #writers = new Map<string, OperationWriter>()
  /** Runs whose writers are dropped as soon as they have nothing left to do. */
  readonly #leaving = new Set<string>()

  get size(): number {
    return this.#writers.size
  }

  get hasLeaving(): boolean {
    return this.#leaving.size > 0
  }

  /** Returns the writer of a run, which counts as its use. */
  use(key: string, create: () => OperationWriter): OperationWriter {
    const writer = this.#writers.get(key) ?? create()
    this.#writers.delete(key)
    this.#writers.set(key, writer)
    this.#leaving.delete(key)
    return writer
  }

  /** Drops a writer once it has nothing left to do. */
  release(key: string): void {
    if (this.#writers.has(key)) this.#leaving.add(key)
  }

  /** Drops the writers that may go, and those that haven't been used for a while. */
  drop(now: number): void {
    for (const key of this.#leaving) {
      if (this.#writers.get(key)?.isIdleSince(Number.POSITIVE_INFINITY) === false) continue
      this.#writers.delete(key)
      this.#leaving.delete(key)
    }
    for (const [key, writer] of this.#writers) {
      if (!writer.isIdleSince(now - IDLE_MS)) return
      this.#writers.delete(key)
    }
  }

  close(): void {
    for (const writer of this.#writers.values()) writer.close()
  }
}
