import type { VirtualTime } from "../VirtualTime"

type Packet<T> = { content: T; at: number }

type LaneParts<T> = {
  time: VirtualTime
  /** The time that a packet takes, ms. */
  delayMs(): number
  isHeld(): boolean
  deliver(content: T): void | Promise<void>
}

/** One direction of a connection with the database: delivers packets in order, some time later, unless it is held. */
export class Lane<T> {
  readonly #parts: LaneParts<T>
  #packets: Packet<T>[] = []
  #isScheduled = false

  constructor(parts: LaneParts<T>) {
    this.#parts = parts
  }

  push(content: T): void {
    const { time, delayMs } = this.#parts
    time.onMoved()
    this.#packets.push({ content, at: time.ms + delayMs() })
    this.schedule()
  }

  /** Returns the packets in transit, which aren't delivered anymore. */
  cut(): T[] {
    return this.#packets.splice(0).map(({ content }) => content)
  }

  /** Call this when the lane is no longer held. */
  schedule(): void {
    const [next] = this.#packets
    if (next === undefined || this.#isScheduled || this.#parts.isHeld()) return
    this.#isScheduled = true
    this.#parts.time.at(next.at, async () => {
      this.#isScheduled = false
      if (this.#parts.isHeld()) return
      const packet = this.#packets.shift()
      if (packet !== undefined) await this.#parts.deliver(packet.content)
      this.schedule()
    })
  }
}
