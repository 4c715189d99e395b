import type { ServerToClientEvents } from "@/lib/protocol/catalogue"
import { stringifyExact } from "@/lib/protocol/exactNumbers"

export type EventName = keyof ServerToClientEvents

/** An event as JSON. One object goes to all its subscribers, so that a transport frames it once. */
export type EncodedEvent = { readonly name: EventName; readonly json: string }

/** Encodes an event. */
export function encodeEvent<E extends EventName>(
  name: E,
  payload: Parameters<ServerToClientEvents[E]>[0],
): EncodedEvent {
  return { name, json: stringifyExact(payload) }
}

/** A connection that receives events. `sockets` implements it with Socket.IO, tests do so in memory. */
export interface Subscriber {
  readonly id: string
  /** False once the connection has closed or is closing. */
  readonly connected: boolean
  /** Bytes that wait in this process until the kernel takes them. */
  queuedBytes(): number
  /** Nothing waits, and the transport is writable. */
  readonly ready: boolean
  /** Queues an event. Does nothing if the connection is closed. */
  send(event: EncodedEvent): void
  /** Closes the connection immediately and drops what waits. */
  disconnect(reason: string): void
}
