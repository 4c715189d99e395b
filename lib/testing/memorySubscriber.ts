import type { ServerToClientEvents } from "@/lib/protocol/catalogue"
import type { RoomEmitter, Subscriber } from "@/server/fanout/Subscriber"

type EventName = keyof ServerToClientEvents
/** What arrived at the reader's end: an event, or a mark that a test put between events. */
export type Arrived = { event: EventName | "mark"; payload: unknown }

/** Rooms of subscribers in memory. */
export type MemoryHub = {
  emitRoom: RoomEmitter
  subscriber(id: string, options?: { stalled?: boolean }): MemorySubscriber
}

/** A subscriber whose transport takes what a test lets it take. */
export type MemorySubscriber = Subscriber & {
  /** What the reader has got, in order. */
  readonly arrived: Arrived[]
  /** Packets in the process that the transport has not taken. */
  readonly waiting: number
  /** Called for each arrival, and when the transport takes data again. */
  onArrived?: (arrived: Arrived) => void
  onReady?: () => void
  /** Puts a mark into the stream, as an answer to a command would stand in it. */
  mark(payload: unknown): void
  /** From now on nothing is taken but by `take`. */
  stall(): void
  /** Takes everything, from now on at once. */
  resume(): void
  /** The transport takes some packets. */
  take(count: number): void
  /** Cuts the connection: what waits is lost. */
  cut(): void
}

/** Makes a hub whose subscribers' packets are JSON texts, as on a wire. */
export function memoryHub(): MemoryHub {
  const rooms = new Map<string, Set<(event: EventName, text: string) => void>>()
  return {
    emitRoom(room, event, ...args) {
      const text = JSON.stringify(args[0])
      for (const put of rooms.get(room) ?? []) put(event, text)
    },
    subscriber: (id, options = {}) => makeSubscriber(rooms, id, options.stalled === true),
  }
}

function makeSubscriber(
  rooms: Map<string, Set<(event: EventName, text: string) => void>>,
  id: string,
  isStalled: boolean,
): MemorySubscriber {
  const queue: { event: Arrived["event"]; text: string }[] = []
  let stalled = isStalled
  let connected = true
  const arrive = ({ event, text }: { event: Arrived["event"]; text: string }) => {
    const arrived = { event, payload: JSON.parse(text) }
    self.arrived.push(arrived)
    self.onArrived?.(arrived)
  }
  const put = (event: Arrived["event"], text: string) => {
    if (!connected) return
    if (stalled) queue.push({ event, text })
    else arrive({ event, text })
  }
  const self: MemorySubscriber = {
    id,
    arrived: [],
    get connected() {
      return connected
    },
    get ready() {
      return connected && queue.length === 0
    },
    get waiting() {
      return queue.length
    },
    queuedBytes: () => queue.reduce((sum, packet) => sum + packet.text.length, 0),
    emit: (event, ...args) => put(event, JSON.stringify(args[0])),
    emitText: put,
    mark: (payload) => put("mark", JSON.stringify(payload)),
    join(room) {
      if (connected) rooms.set(room, (rooms.get(room) ?? new Set()).add(put))
    },
    leave: (room) => void rooms.get(room)?.delete(put),
    stall() {
      stalled = true
    },
    resume() {
      stalled = false
      self.take(queue.length)
    },
    take(count) {
      const had = queue.length
      for (const packet of queue.splice(0, count)) arrive(packet)
      if (connected && had > 0 && queue.length === 0) self.onReady?.()
    },
    cut() {
      connected = false
      queue.length = 0
      for (const members of rooms.values()) members.delete(put)
    },
  }
  return self
}
