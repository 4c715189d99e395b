import type { IngestNote } from "@/lib/protocol/events"
import { LIMITS } from "@/lib/protocol/limits"
import type { Clock } from "@/server/platform/Clock"
import type { Redactor } from "@/server/redact/Redactor"

const INTERVAL_MS = 1000 / LIMITS.ingestEventsPerSecond

type Watcher = (notes: IngestNote[]) => void

/** What agents sent lately and what became of it, without content; told to watchers at most five times a second. */
export class IngestLog {
  readonly #clock: Clock
  readonly #redactor: Redactor | undefined
  readonly #watchers = new Map<string, Watcher>()
  #recent: IngestNote[] = []
  #untold: IngestNote[] = []
  #toldAt = Number.NEGATIVE_INFINITY
  #timer: unknown

  constructor(clock: Clock, redactor?: Redactor) {
    this.#clock = clock
    this.#redactor = redactor
  }

  add(given: IngestNote): void {
    // What is wrong is told by paths, and a path is made of names that the agent chose.
    const note = given.ok ? given : (this.#redactor?.value(given) ?? given)
    this.#recent.push(note)
    if (this.#recent.length >= LIMITS.ingestRecent * 2) this.#recent = this.recent()
    if (this.#watchers.size === 0) return
    this.#untold.push(note)
    if (this.#untold.length > LIMITS.ingestRecent) this.#untold.shift()
    if (this.#timer !== undefined) return
    const wait = Math.max(0, this.#toldAt + INTERVAL_MS - this.#clock.monotonic())
    this.#timer = this.#clock.setTimeout(() => this.#tell(), wait)
  }

  /** The newest 200 notes, oldest first. */
  recent(): IngestNote[] {
    return this.#recent.slice(-LIMITS.ingestRecent)
  }

  watch(id: string, tell: Watcher): void {
    this.#watchers.set(id, tell)
  }

  /** Whether somebody of that id was watching. */
  unwatch(id: string): boolean {
    return this.#watchers.delete(id)
  }

  close(): void {
    this.#clock.clearTimeout(this.#timer)
    this.#watchers.clear()
  }

  #tell(): void {
    this.#timer = undefined
    this.#toldAt = this.#clock.monotonic()
    const notes = this.#untold
    this.#untold = []
    if (notes.length > 0) for (const tell of this.#watchers.values()) tell(notes)
  }
}
