import { LIMITS } from "@/lib/protocol/limits"
import type { RateBucket } from "@/server/net/RateBucket"
import type { Clock } from "@/server/platform/Clock"

/** With more bytes than this waiting to go out, a connection's next command waits until the client has read. */
export const OUTGOING_MARK_BYTES = 512 * 1024
/** How many commands may wait: websocket reads in chunks, polling in whole requests. */
const MAX_WAITING = 16_384
/** A connection with more commands waiting than it may send in this time is sending far too fast. */
const MAX_WAITING_SECONDS = 40

export type QueuedCommand = {
  /** The size of its message. */
  bytes: number
  /** Its reply may be large. Only one such command at a time, so that replies don't pile up. */
  heavy: boolean
  /** Never rejects. */
  run: () => Promise<void>
}

type CommandQueueParts = {
  queuedBytes: () => number
  pause: () => void
  resume: () => void
  /** The connection isn't read because of its rate: it must not count as dead meanwhile. */
  onThrottle: () => void
  /** Bytes of commands that may wait. */
  maxWaitingBytes: number
  rate: RateBucket
  ratePerSecond: number
  clock: Clock
}

/**
 * Runs a connection's commands in the order in which they came, at most at its rate. While too many are in progress, or
 * the client doesn't read its replies, or its rate is used up, the next ones wait and nothing more is read from the
 * connection.
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

  /** Commands that have begun and not ended. */
  get inFlight(): number {
    return this.#inFlight
  }

  /** How long the commands that wait would take at the connection's rate. */
  get waitMs(): number {
    return Math.ceil(((this.#waiting.length - this.#head) / this.#parts.ratePerSecond) * 1_000)
  }

  /** Queues a command. Returns false if more wait than may; the queue takes nothing more then. */
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

  /** Begins what may begin now. Called again whenever the connection takes more. */
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

  /** Drops what waits and takes nothing more. Resolves when what has begun has ended. */
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

  /** Takes from the rate, or continues when there is something left to take. */
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
