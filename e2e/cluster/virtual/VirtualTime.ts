import type { Clock } from "@/server/platform/Clock"
import type { Traffic } from "./Traffic"

/** Timers that are due within this time fire together. */
const SLICE_MS = 5

/** The step of the database's clock, which is therefore late by at most this much. */
const DATABASE_STEP_MS = 10

/** A process whose timers run in virtual time. */
export type TimeOwner = {
  /** A frozen process runs its due timers once it continues; a dead one never does. */
  state: "running" | "frozen" | "dead"
  /** How far its wall clock is ahead, ms. */
  skewMs: number
}

type Timer = { at: number; order: number; run: () => void; owner: TimeOwner }

/**
 * The time of a simulated cluster. It advances to the next timer whenever everything is idle, so waiting takes no real
 * time.
 */
export class VirtualTime {
  readonly #traffic: Traffic
  readonly #timers = new Set<Timer>()
  readonly #setDatabaseTime: (epochMs: number) => void
  readonly #startedAt: number
  readonly #world: TimeOwner = { state: "running", skewMs: 0 }
  #ms = 0
  #order = 0
  #setAt = 0
  #holding: Promise<unknown> | undefined

  constructor(parts: { traffic: Traffic; startedAt: number; setDatabaseTime(epochMs: number): void }) {
    this.#traffic = parts.traffic
    this.#startedAt = parts.startedAt
    this.#setDatabaseTime = parts.setDatabaseTime
  }

  /** Milliseconds since the start. */
  get ms(): number {
    return this.#ms
  }

  clockOf(owner: TimeOwner): Clock {
    return {
      now: () => this.#startedAt + this.#ms + owner.skewMs,
      monotonic: () => this.#ms,
      setTimeout: (run, ms) => this.#add(run, ms, owner),
      clearTimeout: (timer) => this.#timers.delete(timer as Timer),
    }
  }

  setTimeout(run: () => void, ms: number): void {
    this.#add(run, ms, this.#world)
  }

  pause(ms: number): Promise<void> {
    return new Promise((resolve) => this.setTimeout(resolve, ms))
  }

  /** Stops time for some real milliseconds, so that messages in transit arrive. */
  async holdFor(realMs: number): Promise<void> {
    const holding = new Promise<void>((resolve) => setTimeout(resolve, realMs))
    this.#holding = holding
    await holding
    if (this.#holding === holding) this.#holding = undefined
  }

  /** Forgets the timers of a dead process. */
  forget(owner: TimeOwner): void {
    for (const timer of this.#timers) if (timer.owner === owner) this.#timers.delete(timer)
  }

  /** Lets time advance until a promise has settled. */
  async run<T>(main: Promise<T>): Promise<T> {
    let isDone = false
    const done = () => {
      isDone = true
    }
    main.then(done, done)
    for (;;) {
      await this.#traffic.quiet()
      while (this.#holding !== undefined) {
        await this.#holding
        await this.#traffic.quiet()
      }
      if (isDone) return main
      await this.#advance()
    }
  }

  async #advance(): Promise<void> {
    let next = Number.POSITIVE_INFINITY
    for (const { at, owner } of this.#timers) if (at < next && owner.state === "running") next = at
    if (next === Number.POSITIVE_INFINITY) return new Promise((resolve) => setTimeout(resolve, 1))
    const ms = Math.max(this.#ms, Math.ceil(next + SLICE_MS))
    this.#ms = ms
    if (ms - this.#setAt >= DATABASE_STEP_MS) {
      this.#setAt = ms
      this.#setDatabaseTime(this.#startedAt + ms)
    }
    const due = [...this.#timers].filter(({ at, owner }) => at <= ms && owner.state === "running")
    for (const timer of due.sort((a, b) => a.at - b.at || a.order - b.order))
      if (this.#timers.delete(timer)) timer.run()
  }

  #add(run: () => void, ms: number, owner: TimeOwner): Timer {
    const timer = { at: this.#ms + Math.max(0, ms), order: this.#order++, run, owner }
    if (owner.state !== "dead") this.#timers.add(timer)
    return timer
  }
}
