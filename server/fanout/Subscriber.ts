import type { ServerToClientEvents } from "@/lib/protocol/catalog"
import { stringifyExact } from "@/lib/protocol/exactNumbers"

export type EventName = keyof ServerToClientEvents

/** An event as JSON. All subscribers get the same object, so that the transport frames it only once. */
export type EncodedEvent = { readonly name: EventName; readonly json: string }

export function encodeEvent<E extends EventName>(
  name: E,
  payload: Parameters<ServerToClientEvents[E]>[0],
): EncodedEvent {
  return { name, json: stringifyExact(payload) }
}

/** A connection that receives events. `createSubscriber` implements it with Socket.IO; tests implement it in memory. */
export interface Subscriber {
  readonly id: string
  /** False once the connection has closed or is closing. */
  readonly connected: boolean
  /** Bytes queued in this process that the kernel hasn't accepted yet. */
  queuedBytes(): number
  /** True if nothing is queued and the transport is writable. */
  readonly ready: boolean
  /** Queues an event. Does nothing if the connection is closed. */
  send(event: EncodedEvent): void
  /** Closes the connection immediately and drops everything queued. */
  disconnect(reason: string): void
}
