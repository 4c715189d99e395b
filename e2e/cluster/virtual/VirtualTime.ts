import { setImmediate as turn } from "node:timers/promises"
import type { Clock } from "@/server/platform/Clock"

/** Timers fire at multiples of this time, so that fewer moments have to be simulated. */
const TIMER_STEP_MS = 5
/** After this many turns of the event loop without any message, everything counts as idle. */
const QUIET_TURNS = 3

/** A process whose timers run in virtual time. */
export type TimeOwner = {
  /** A frozen process runs its due timers once it continues; a dead one never does. */
  state: "running" | "frozen" | "dead"
  /** How far its wall clock is ahead, ms. */
  skewMs: number
}

type Event = { at: number; order: number; run: () => void | Promise<void>; owner: TimeOwner }

/**
 * The time of a simulated cluster. It advances to the next event whenever everything is idle, so waiting takes no real
 * time.
 */
export class VirtualTime {
  readonly #startedAt: number
  readonly #world: TimeOwner = { state: "running", skewMs: 0 }
  readonly #events = new Set<Event>()
  #ms = 0
  #order = 0
  #moved = 0

  /** `startedAt`: the time at the start, ms since the epoch. */
  constructor(startedAt: number) {
    this.#startedAt = startedAt
  }

  /** Milliseconds since the start. */
  get ms(): number {
    return this.#ms
  }

  /** The true time, ms since the epoch. */
  get now(): number {
    return this.#startedAt + this.#ms
  }

  clockOf(owner: TimeOwner): Clock {
    return {
      now: () => this.now + owner.skewMs,
      monotonic: () => this.#ms,
      setTimeout: (run, ms) => this.#addTimer(run, ms, owner),
      clearTimeout: (timer) => this.#events.delete(timer as Event),
    }
  }

  setTimeout(run: () => void, ms: number): void {
    this.#addTimer(run, ms, this.#world)
  }

  pause(ms: number): Promise<void> {
    return new Promise((resolve) => this.setTimeout(resolve, ms))
  }

  /** Calls a function at a time since the start, or now if that has passed. Time stands still until it has finished. */
  at(ms: number, run: () => void | Promise<void>): void {
    this.#add({ at: Math.max(ms, this.#ms), order: this.#order++, run, owner: this.#world })
  }

  /** Called with every message between processes. */
  onMoved(): void {
    this.#moved += 1
  }

  /** Forgets the timers of a dead process. */
  forget(owner: TimeOwner): void {
    for (const event of this.#events) if (event.owner === owner) this.#events.delete(event)
  }

  /** Lets time advance until a promise has settled. */
  async run<T>(main: Promise<T>): Promise<T> {
    let isDone = false
    const done = () => {
      isDone = true
    }
    main.then(done, done)
    for (;;) {
      await this.#idle()
      if (isDone) return main
      await this.#advance()
    }
  }

  /** Resolves when the processes only wait for events. */
  async #idle(): Promise<void> {
    let moved = this.#moved
    for (let quiet = 0; quiet < QUIET_TURNS; ) {
      await turn()
      quiet = moved === this.#moved ? quiet + 1 : 0
      moved = this.#moved
    }
  }

  /** Runs what is due next. */
  async #advance(): Promise<void> {
    let next: Event | undefined
    for (const event of this.#events)
      if (event.owner.state === "running" && (next === undefined || isEarlier(event, next))) next = event
    if (next === undefined) throw new Error("Everything waits for nothing")
    this.#events.delete(next)
    this.#ms = Math.max(this.#ms, next.at)
    await next.run()
  }

  #addTimer(run: () => void, ms: number, owner: TimeOwner): Event {
    const at = Math.ceil((this.#ms + Math.max(0, ms)) / TIMER_STEP_MS) * TIMER_STEP_MS
    return this.#add({ at, order: this.#order++, run, owner })
  }

  #add(event: Event): Event {
    if (event.owner.state !== "dead") this.#events.add(event)
    return event
  }
}

function isEarlier(one: Event, other: Event): boolean {
  return one.at < other.at || (one.at === other.at && one.order < other.order)
}
