import type { Logger } from "pino"
import { type Clock, isoTime } from "@/server/platform/Clock"
import { redactError } from "@/server/platform/logger"
import type { Audit, AuditEntry } from "./Audit"
import { AuditFile, type TimedEntry } from "./AuditFile"

const FLUSH_MS = 500
const LINES_PER_WRITE = 500
/** The maximum number of queued lines. Further lines are dropped and counted. */
const MAX_WAITING = 10_000
/** Repetitions of an entry within this time are combined into one line with a count. */
const WINDOW_MS = 10_000
const MAX_REPEATED = 2_000

type Parts = { dir: string; clock: Clock; logger: Logger; retainedBytes: number; fileBytes?: number }
type Repeated = { entry: AuditEntry; since: number; count: number }

/**
 * The audit log of a server. Entries are queued and then written in the background, in order. Repeated entries are
 * combined into one with a count.
 */
export class AuditLog implements Audit {
  readonly #clock: Clock
  readonly #logger: Logger
  readonly #file: AuditFile
  readonly #repeated = new Map<string, Repeated>()
  #waiting: TimedEntry[] = []
  #dropped = 0
  #droppedInAll = 0
  #timer: unknown
  #writing: Promise<void> = Promise.resolve()
  #failing = false
  #closed = false

  constructor({ dir, clock, logger, retainedBytes, fileBytes }: Parts) {
    this.#clock = clock
    this.#logger = logger
    this.#file = new AuditFile(dir, retainedBytes, fileBytes)
  }

  /** The number of queued lines, and of lines that were dropped because the queue was full. */
  get figures(): { waiting: number; dropped: number } {
    return { waiting: this.#waiting.length, dropped: this.#droppedInAll }
  }

  record(entry: AuditEntry): void {
    const key = JSON.stringify(entry)
    const now = this.#clock.monotonic()
    const known = this.#repeated.get(key)
    if (known !== undefined && now - known.since < WINDOW_MS) {
      known.count += 1
    } else {
      if (known !== undefined) this.#recordRepetitions(key, known)
      this.#repeated.set(key, { entry, since: now, count: 0 })
      this.#push(entry)
    }
    const [oldest] = this.#repeated
    if (this.#repeated.size > MAX_REPEATED && oldest !== undefined) this.#recordRepetitions(...oldest)
    this.#later()
  }

  /** Resolves when everything recorded so far has been written, or writing it has failed. */
  flushed(): Promise<void> {
    return this.#write()
  }

  /** Writes all recorded entries. Entries that can't be written are lost. */
  async close(): Promise<void> {
    this.#closed = true
    this.#clock.clearTimeout(this.#timer)
    for (const [key, known] of [...this.#repeated]) this.#recordRepetitions(key, known)
    await this.#write()
    await this.#file.close().catch(() => undefined)
  }

  #push(entry: AuditEntry): void {
    if (this.#waiting.length < MAX_WAITING) this.#waiting.push({ at: isoTime(this.#clock.now()), entry })
    else {
      this.#dropped += 1
      this.#droppedInAll += 1
    }
  }

  #later(): void {
    if (this.#timer !== undefined || this.#closed) return
    this.#timer = this.#clock.setTimeout(() => {
      this.#timer = undefined
      const now = this.#clock.monotonic()
      for (const [key, known] of [...this.#repeated])
        if (now - known.since >= WINDOW_MS) this.#recordRepetitions(key, known)
      void this.#write()
      if (this.#waiting.length > 0 || this.#repeated.size > 0) this.#later()
    }, FLUSH_MS)
  }

  #recordRepetitions(key: string, { entry, count }: Repeated): void {
    this.#repeated.delete(key)
    if (count > 0) this.#push({ ...entry, count: count + (entry.count ?? 0) })
  }

  /** Writes the queued entries in order. Only one write is in progress at a time. */
  #write(): Promise<void> {
    this.#writing = this.#writing.then(async () => {
      while (this.#waiting.length > 0) {
        const entries = this.#waiting.slice(0, LINES_PER_WRITE)
        try {
          await this.#file.append(entries)
        } catch (error) {
          if (!this.#failing)
            this.#logger.error({ err: redactError(error) }, "the audit log can't be written")
          this.#failing = true
          return
        }
        this.#failing = false
        this.#waiting = this.#waiting.slice(entries.length)
        if (this.#dropped === 0) continue
        const count = this.#dropped
        this.#dropped = 0
        this.#push({ event: "lines_dropped", count })
      }
    })
    return this.#writing
  }
}
