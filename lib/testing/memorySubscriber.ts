import type { EventName, Subscriber } from "@/server/fanout/Subscriber"

/** What a viewer received: an event, or a mark that a test put between events. */
export type Received = { name: EventName | "mark"; payload: unknown }

/** An in-memory subscriber whose transport accepts packets when a test says so. */
export type MemorySubscriber = Subscriber & {
  /** Everything the viewer has received, in order. */
  readonly received: Received[]
  /** How many packets the transport hasn't accepted yet. */
  readonly waiting: number
  /** The reasons why it was disconnected. */
  readonly disconnections: string[]
  onReceive?: (received: Received) => void
  /** Called when the last waiting packet has been accepted. */
  onDrain?: () => void
  /** Sends a mark, in order with the events. */
  mark(payload: unknown): void
  /** Stops accepting packets, except those that `take` accepts. */
  stall(): void
  /** Accepts all waiting packets, and later ones immediately. */
  resume(): void
  /** Accepts at most this many packets. */
  take(count: number): void
  /** Closes the connection and drops waiting packets. */
  cut(): void
}

type Packet = { name: Received["name"]; json: string }

/** Creates a subscriber that accepts packets immediately, or is `stalled`. */
export function memorySubscriber(id: string, { stalled = false } = {}): MemorySubscriber {
  const queue: Packet[] = []
  let isStalled = stalled
  let isConnected = true
  const receive = ({ name, json }: Packet) => {
    const received = { name, payload: JSON.parse(json) }
    self.received.push(received)
    self.onReceive?.(received)
  }
  const send = (packet: Packet) => {
    if (!isConnected) return
    if (isStalled) queue.push(packet)
    else receive(packet)
  }
  const self: MemorySubscriber = {
    id,
    received: [],
    disconnections: [],
    get connected() {
      return isConnected
    },
    get ready() {
      return isConnected && queue.length === 0
    },
    get waiting() {
      return queue.length
    },
    queuedBytes: () => queue.reduce((sum, { json }) => sum + json.length, 0),
    send,
    disconnect(reason) {
      self.disconnections.push(reason)
      self.cut()
    },
    mark: (payload) => send({ name: "mark", json: JSON.stringify(payload) }),
    stall() {
      isStalled = true
    },
    resume() {
      isStalled = false
      self.take(queue.length)
    },
    take(count) {
      const taken = queue.splice(0, count)
      for (const packet of taken) receive(packet)
      if (isConnected && taken.length > 0 && queue.length === 0) self.onDrain?.()
    },
    cut() {
      isConnected = false
      queue.length = 0
    },
  }
  return self
}
