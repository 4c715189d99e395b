import type { ServerToClientEvents } from "@/lib/protocol/catalogue"

/**
 * A connection as fanout sees it; `sockets` makes one of each Socket.IO socket, tests make one of memory.
 * Nothing above this line touches engine.io.
 */
export interface Subscriber {
  readonly id: string
  /** Whether it can still be written to. */
  readonly connected: boolean
  /** Bytes queued in this process for it and not yet taken by the kernel. */
  queuedBytes(): number
  /** Whether its transport takes a packet now: nothing queued and writable. */
  readonly ready: boolean
  /** Emits one event to it alone. */
  emit<E extends keyof ServerToClientEvents>(event: E, ...args: Parameters<ServerToClientEvents[E]>): void
  /** Emits an event whose payload is JSON text already (a page from the log). */
  emitText(event: keyof ServerToClientEvents, payloadJson: string): void
  join(room: string): void
  leave(room: string): void
}

/** Emits once to all subscribers of a room on this node, the packet encoded once. */
export type RoomEmitter = <E extends keyof ServerToClientEvents>(
  room: string,
  event: E,
  ...args: Parameters<ServerToClientEvents[E]>
) => void
