type Packet = { bytes: number; deliver: () => void }

/** One direction of a connection. Delivers packets in order and with a short delay, unless it is held. */
export class Pipe {
  readonly #onMoved: () => void
  readonly #onDrain: () => void
  #queue: Packet[] = []
  #isScheduled = false
  #isHeld = false
  #isCut = false

  /** `onMoved`: called whenever a packet moves. `onDrain`: called when all packets have been delivered. */
  constructor(onMoved: () => void, onDrain: () => void = () => {}) {
    this.#onMoved = onMoved
    this.#onDrain = onDrain
  }

  get bytes(): number {
    return this.#queue.reduce((sum, { bytes }) => sum + bytes, 0)
  }

  push(deliver: () => void, bytes = 0): void {
    if (this.#isCut) return
    this.#onMoved()
    this.#queue.push({ deliver, bytes })
    this.#schedule()
  }

  hold(): void {
    this.#isHeld = true
  }

  release(): void {
    this.#isHeld = false
    this.#schedule()
  }

  /** Loses everything that hasn't been delivered. */
  cut(): void {
    this.#isCut = true
    this.#queue = []
  }

  #schedule(): void {
    if (this.#isScheduled || this.#isHeld || this.#queue.length === 0) return
    this.#isScheduled = true
    setImmediate(() => {
      this.#isScheduled = false
      this.#deliver()
    })
  }

  #deliver(): void {
    while (!this.#isHeld) {
      const packet = this.#queue.shift()
      if (packet === undefined) return
      this.#onMoved()
      packet.deliver()
      if (this.#queue.length === 0) this.#onDrain()
    }
  }
}
