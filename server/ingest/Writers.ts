import type { OperationWriter } from "./runs/OperationWriter"

/** How long an unused writer is kept: longer than a dialect remembers a run without activity. */
const IDLE_MS = 2 * 3_600_000

/** The writers of the runs that one token sends in one dialect, least recently used first. */
export class Writers {
  readonly #writers = new Map<string, OperationWriter>()
  /** Runs whose writers are dropped once they have no operations left. */
  readonly #leaving = new Set<string>()

  get size(): number {
    return this.#writers.size
  }

  get hasLeaving(): boolean {
    return this.#leaving.size > 0
  }

  /** Returns a run's writer, which becomes the most recently used one. Creates it if necessary. */
  use(key: string, create: () => OperationWriter): OperationWriter {
    const writer = this.#writers.get(key) ?? create()
    this.#writers.delete(key)
    this.#writers.set(key, writer)
    this.#leaving.delete(key)
    return writer
  }

  /** Marks a run's writer to be dropped once it has no operations left. */
  release(key: string): void {
    if (this.#writers.has(key)) this.#leaving.add(key)
  }

  /** Drops writers without operations if they were released or haven't been used for a while. */
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
