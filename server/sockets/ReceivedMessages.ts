import { parseExact } from "@/lib/protocol/exactNumbers"
import type { EngineConnection } from "./EngineConnection"

/** An event that has arrived but isn't decoded yet. */
export type ReceivedEvent = { bytes: number; hasBytes: boolean }

/** The maximum number of unexpected packets, such as stray acknowledgements and packets of other namespaces. */
const MAX_STRAYS = 16
/** Socket.IO's packet types: the first character of a message. */
const CONNECT = 0
const DISCONNECT = 1
const EVENT = 2
const CONNECT_ERROR = 4
const BINARY_EVENT = 5
const SECOND_CONNECT = { message: "One socket per connection.", data: { code: "forbidden" } }
const INVALID_CONNECT = {
  message: "The data of a CONNECT packet must be a JSON object.",
  data: { code: "invalid_params" },
}
const UNKNOWN: ReceivedEvent = { bytes: 0, hasBytes: false }

type ReceivedMessagesParts = {
  connection: EngineConnection
  maxMessageBytes: number
  onSecondConnect: () => void
  /** Called when the client violates the protocol. */
  onAbuse: (why: string) => void
  /** Called when a message with its attachments is over the limit. */
  onTooLarge: () => void
}

/** Returns true if a text starts like a Socket.IO packet. Otherwise, it may be an attachment. */
export function isPacket(text: string): boolean {
  return /^[0-6]/.test(text)
}

/** Tracks the sizes of a connection's messages and rejects unexpected ones, before Socket.IO decodes them. */
export class ReceivedMessages {
  readonly #parts: ReceivedMessagesParts
  /** Events that aren't decoded yet, oldest first. */
  readonly #events: ReceivedEvent[] = []
  /** An event whose attachments haven't all arrived. */
  #partial: { bytes: number; missing: number } | undefined
  #strays = 0
  #hasConnected = false

  constructor(parts: ReceivedMessagesParts) {
    this.#parts = parts
  }

  /** Removes and returns the event that Socket.IO has just decoded. */
  take(): ReceivedEvent {
    return this.#events.shift() ?? UNKNOWN
  }

  onText(message: string, bytes: number): void {
    if (this.#partial !== undefined && !isPacket(message)) {
      this.onBinary(bytes)
      return
    }
    this.#endPartial()
    const type = message.charCodeAt(0) - 48
    if (message.charCodeAt(1) === 47) this.#stray(1)
    else if (type === EVENT) this.#events.push({ bytes, hasBytes: false })
    else if (type === BINARY_EVENT) this.#startBinary(message, bytes)
    else if (type === CONNECT) this.#connect(message.slice(1))
    else if (type > DISCONNECT) this.#stray(type > CONNECT_ERROR ? MAX_STRAYS : 1)
  }

  /** Called with the size of an attachment of the last binary event. */
  onBinary(bytes: number): void {
    const partial = this.#partial
    if (partial === undefined) {
      this.#stray(MAX_STRAYS)
      return
    }
    partial.bytes += bytes
    partial.missing -= 1
    if (partial.bytes > this.#parts.maxMessageBytes) this.#parts.onTooLarge()
    else if (partial.missing === 0) this.#endPartial()
  }

  /** Completes an event with attachments, even if some of them haven't arrived. */
  #endPartial(): void {
    if (this.#partial !== undefined) this.#events.push({ bytes: this.#partial.bytes, hasBytes: true })
    this.#partial = undefined
  }

  #startBinary(message: string, bytes: number): void {
    const missing = Number(/^5(\d{1,6})-/.exec(message)?.[1] ?? 0)
    if (missing === 0) this.#stray(MAX_STRAYS)
    else this.#partial = { bytes, missing }
  }

  /**
   * Handles a CONNECT packet. One that can't be read, or a second one, is refused, and everything received after it is
   * ignored.
   */
  #connect(auth: string): void {
    if (!this.#hasConnected) {
      this.#hasConnected = true
      if (!isObject(auth)) this.#parts.connection.refuse(INVALID_CONNECT)
      return
    }
    this.#parts.onSecondConnect()
    this.#parts.connection.refuse(SECOND_CONNECT)
  }

  #stray(weight: number): void {
    this.#strays += weight
    if (this.#strays >= MAX_STRAYS) this.#parts.onAbuse("packets that aren't part of the protocol")
  }
}

/** Returns true for the data of a CONNECT packet: nothing, or a JSON object. */
function isObject(json: string): boolean {
  if (json === "") return true
  try {
    const value = parseExact(json)
    return typeof value === "object" && value !== null && !Array.isArray(value)
  } catch {
    return false
  }
}
