import { LRUCache } from "lru-cache"
import type { IngestNote } from "@/lib/protocol/events"
import { LIMITS } from "@/lib/protocol/limits"
import type { Clock } from "@/server/platform/Clock"
import type { Redactor } from "@/server/redact/Redactor"

const INTERVAL_MS = 1000 / LIMITS.ingestEventsPerSecond

type Watcher = (notes: IngestNote[]) => void

/**
 * The minimum time between two notes with the same key in `addLimited`, which is used for refusals other than those of
 * commands.
 */
const LIMITED_MS = 60_000
const MAX_LIMITED_KEYS = 1_000

/** A log of recent messages from agents and their results, without content. Published at most five times per second. */
export class IngestLog {
  readonly #clock: Clock
  readonly #redactor: Redactor | undefined
  readonly #watchers = new Map<string, Watcher>()
  readonly #limited: LRUCache<string, true>
  #recent: IngestNote[] = []
  #unpublished: IngestNote[] = []
  #publishedAt = Number.NEGATIVE_INFINITY
  #timer: unknown

  constructor(clock: Clock, redactor?: Redactor) {
    this.#clock = clock
    this.#redactor = redactor
    const perf = { now: () => clock.monotonic() }
    this.#limited = new LRUCache({ max: MAX_LIMITED_KEYS, ttl: LIMITED_MS, ttlResolution: 0, perf })
  }

  /** Adds a note unless one with this key (a kind and an address) was added in the last minute. */
  addLimited(key: string, note: IngestNote): void {
    if (this.#limited.has(key)) return
    this.#limited.set(key, true)
    this.add(note)
  }

  add(given: IngestNote): void {
    // Error messages contain paths of fields, whose names the agent may have chosen.
    const note = given.ok ? given : (this.#redactor?.value(given) ?? given)
    this.#recent.push(note)
    if (this.#recent.length >= LIMITS.ingestRecent * 2) this.#recent = this.recent()
    if (this.#watchers.size === 0) return
    this.#unpublished.push(note)
    if (this.#unpublished.length > LIMITS.ingestRecent) this.#unpublished.shift()
    if (this.#timer !== undefined) return
    const wait = Math.max(0, this.#publishedAt + INTERVAL_MS - this.#clock.monotonic())
    this.#timer = this.#clock.setTimeout(() => this.#publish(), wait)
  }

  /** Returns the newest 200 notes, oldest first. */
  recent(): IngestNote[] {
    return this.#recent.slice(-LIMITS.ingestRecent)
  }

  watch(id: string, onNotes: Watcher): void {
    this.#watchers.set(id, onNotes)
  }

  /** Removes a watcher. Returns true if it existed. */
  unwatch(id: string): boolean {
    return this.#watchers.delete(id)
  }

  close(): void {
    this.#clock.clearTimeout(this.#timer)
    this.#watchers.clear()
  }

  #publish(): void {
    this.#timer = undefined
    this.#publishedAt = this.#clock.monotonic()
    const notes = this.#unpublished
    this.#unpublished = []
    if (notes.length > 0) for (const onNotes of this.#watchers.values()) onNotes(notes)
  }
}
