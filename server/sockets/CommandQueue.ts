import { LIMITS } from "@/lib/protocol/limits"
import type { RateBucket } from "@/server/net/RateBucket"
import type { Clock } from "@/server/platform/Clock"

/** While more outgoing bytes than this are queued, a connection's next command waits until the client has read them. */
export const OUTGOING_MARK_BYTES = 512 * 1024
/** The maximum number of waiting commands. Reading can only stop after a chunk or request, not after a single command. */
const MAX_WAITING = 16_384
/** A connection whose waiting commands would take longer than this at its rate is disconnected. */
const MAX_WAITING_SECONDS = 40

export type QueuedCommand = {
  /** The size of the command's message. */
  bytes: number
  /** True if its reply may be large. Only one such command runs at a time, so that replies don't pile up. */
  heavy: boolean
  /** Executes the command. Never rejects. */
  run: () => Promise<void>
}

type CommandQueueParts = {
  queuedBytes: () => number
  pause: () => void
  resume: () => void
  /** Called while reading is paused because of the rate, so that the connection isn't considered dead. */
  onThrottle: () => void
  /** The maximum size of all waiting commands. */
  maxWaitingBytes: number
  rate: RateBucket
  ratePerSecond: number
  clock: Clock
}

/**
 * Runs a connection's commands in order, at most at its rate. Further commands wait, and reading is paused, while too
 * many commands are in progress, replies are still queued, or the rate is used up.
 */
export class CommandQueue {
  readonly #parts: CommandQueueParts
  readonly #maxWaiting: number
  #waiting: QueuedCommand[] = []
  #head = 0
  #waitingBytes = 0
  #inFlight = 0
  #isHeavyInFlight = false
  #isPumping = false
  #isClosed = false
  #timer: unknown
  #idle: (() => void)[] = []

  constructor(parts: CommandQueueParts) {
    this.#parts = parts
    this.#maxWaiting = Math.min(MAX_WAITING, parts.ratePerSecond * MAX_WAITING_SECONDS)
  }

  /** The number of running commands. */
  get inFlight(): number {
    return this.#inFlight
  }

  /** How long the waiting commands would take at the connection's rate. */
  get waitMs(): number {
    return Math.ceil(((this.#waiting.length - this.#head) / this.#parts.ratePerSecond) * 1_000)
  }

  /** Queues a command. Returns false if there are too many. The caller must then close the connection. */
  push(command: QueuedCommand): boolean {
    if (this.#isClosed) return true
    this.#waiting.push(command)
    this.#waitingBytes += command.bytes
    this.pump()
    const count = this.#waiting.length - this.#head
    if (count > this.#maxWaiting || (count > 1 && this.#waitingBytes > this.#parts.maxWaitingBytes))
      return false
    if (count > 0) this.#parts.pause()
    return true
  }

  /** Starts all commands that may start now. Called again whenever the connection has drained. */
  pump(): void {
    if (this.#isPumping) return
    this.#isPumping = true
    for (let next = this.#next(); next !== undefined; next = this.#next()) this.#begin(next)
    this.#isPumping = false
    if (this.#head > 0 && this.#head === this.#waiting.length) {
      this.#waiting = []
      this.#head = 0
      this.#parts.resume()
    } else if (this.#head > 1_024) {
      this.#waiting = this.#waiting.slice(this.#head)
      this.#head = 0
    }
  }

  /** Drops waiting commands and accepts no more. Resolves when the running commands have finished. */
  close(): Promise<void> {
    this.#isClosed = true
    this.#parts.clock.clearTimeout(this.#timer)
    this.#waiting = []
    this.#head = 0
    this.#waitingBytes = 0
    if (this.#inFlight === 0) return Promise.resolve()
    return new Promise((resolve) => this.#idle.push(resolve))
  }

  #next(): QueuedCommand | undefined {
    const next = this.#waiting[this.#head]
    if (next === undefined || this.#inFlight >= LIMITS.commandsInFlight) return undefined
    if (next.heavy && this.#isHeavyInFlight) return undefined
    if (this.#parts.queuedBytes() > OUTGOING_MARK_BYTES) return undefined
    if (this.#isThrottled()) return undefined
    this.#head += 1
    this.#waitingBytes -= next.bytes
    return next
  }

  /**
   * Consumes one unit of the rate limit. If none is left, returns true and schedules `pump` for when the next command
   * is allowed.
   */
  #isThrottled(): boolean {
    if (this.#timer !== undefined) return true
    const waitMs = this.#parts.rate.take()
    if (waitMs === 0) return false
    this.#parts.onThrottle()
    this.#timer = this.#parts.clock.setTimeout(() => {
      this.#timer = undefined
      this.pump()
    }, waitMs)
    return true
  }

  #begin({ heavy, run }: QueuedCommand): void {
    this.#inFlight += 1
    if (heavy) this.#isHeavyInFlight = true
    run().then(() => {
      this.#inFlight -= 1
      if (heavy) this.#isHeavyInFlight = false
      this.pump()
      if (this.#inFlight === 0) for (const resolve of this.#idle.splice(0)) resolve()
    })
  }
}
