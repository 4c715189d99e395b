import { LIMITS } from "@/lib/protocol/limits"

/** Past this many bytes waiting to go out, a connection's next command waits until it has read. */
export const OUTGOING_MARK_BYTES = 512 * 1024
/** What a connection may have waiting here beyond one message: websocket reads in chunks, polling in whole requests. */
const MAX_WAITING = 16_384

export type QueuedCommand = {
  /** Size of its message. */
  bytes: number
  /** A reply may be large: one such command at a time, so that replies don't pile up. */
  heavy: boolean
  /** Never rejects. */
  run: () => Promise<void>
}

type CommandQueueParts = {
  queuedBytes: () => number
  pause: () => void
  resume: () => void
  /** More waits than may. */
  overflow: () => void
  /** Bytes of commands that may wait. */
  maxWaitingBytes: number
}

/**
 * Begins a connection's commands in the order in which they came. While too many are under way, or the connection
 * doesn't read its replies, the next ones wait and nothing more is read from it.
 */
export class CommandQueue {
  readonly #parts: CommandQueueParts
  #waiting: QueuedCommand[] = []
  #head = 0
  #waitingBytes = 0
  #inFlight = 0
  #heavyInFlight = false
  #pumping = false
  #closed = false
  #idle: (() => void)[] = []

  constructor(parts: CommandQueueParts) {
    this.#parts = parts
  }

  /** Commands that have begun and not ended. */
  get inFlight(): number {
    return this.#inFlight
  }

  push(command: QueuedCommand): void {
    if (this.#closed) return
    this.#waiting.push(command)
    this.#waitingBytes += command.bytes
    this.pump()
    const count = this.#waiting.length - this.#head
    if (count > MAX_WAITING || (count > 1 && this.#waitingBytes > this.#parts.maxWaitingBytes)) {
      this.close()
      this.#parts.overflow()
    } else if (count > 0) this.#parts.pause()
  }

  /** Begins what may begin now. Called again whenever the connection takes more. */
  pump(): void {
    if (this.#pumping) return
    this.#pumping = true
    for (let next = this.#next(); next !== undefined; next = this.#next()) this.#begin(next)
    this.#pumping = false
    if (this.#head > 0 && this.#head === this.#waiting.length) {
      this.#waiting = []
      this.#head = 0
      this.#parts.resume()
    } else if (this.#head > 1_024) {
      this.#waiting = this.#waiting.slice(this.#head)
      this.#head = 0
    }
  }

  /** Drops what waits and takes no more; resolves when what has begun has ended. */
  close(): Promise<void> {
    this.#closed = true
    this.#waiting = []
    this.#head = 0
    this.#waitingBytes = 0
    if (this.#inFlight === 0) return Promise.resolve()
    return new Promise((resolve) => this.#idle.push(resolve))
  }

  #next(): QueuedCommand | undefined {
    const next = this.#waiting[this.#head]
    if (next === undefined || this.#inFlight >= LIMITS.commandsInFlight) return undefined
    if (next.heavy && this.#heavyInFlight) return undefined
    if (this.#parts.queuedBytes() > OUTGOING_MARK_BYTES) return undefined
    this.#head += 1
    this.#waitingBytes -= next.bytes
    return next
  }

  #begin({ heavy, run }: QueuedCommand): void {
    this.#inFlight += 1
    if (heavy) this.#heavyInFlight = true
    run().then(() => {
      this.#inFlight -= 1
      if (heavy) this.#heavyInFlight = false
      this.pump()
      if (this.#inFlight === 0) for (const resolve of this.#idle.splice(0)) resolve()
    })
  }
}
