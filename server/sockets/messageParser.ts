import { Decoder, Encoder, type Packet, PacketType } from "socket.io-parser"
import { markNumbers, mayHoldExactNumbers, unmarkNumbers } from "@/lib/protocol/exactNumbers"
import { UnreadablePayload } from "./parseCommand"
import { isPacket } from "./ReceivedMessages"

/** The maximum number of attachments. A batch may have bytes in each of its turns. */
const MAX_ATTACHMENTS = 4_096
/** Matches the start of an event in the default namespace: the id of its acknowledgement, and its name if it has one. */
const EVENT_START = /^(?:2|5\d{1,6}-)(?!\/)(\d{0,15})(?:\["([\w.:/-]{1,100})"\s*,)?/
const UNKNOWN_EVENT = "message"
const NOT_JSON = "The message isn't valid JSON."
const NO_EVENT = "The message isn't a Socket.IO event with a name."
const NO_ATTACHMENT = "An attachment of the message is missing."
const TOO_MANY_ATTACHMENTS = `The message has more than ${MAX_ATTACHMENTS} attachments.`
const BINARY_EVENT = String(PacketType.BINARY_EVENT)
const ACKNOWLEDGEMENT = String(PacketType.ACK)
const RESERVED = new Set([
  "connect",
  "connect_error",
  "disconnect",
  "disconnecting",
  "newListener",
  "removeListener",
])

/** Encodes numbers with all their digits, even those that JavaScript can't represent. */
class ExactEncoder extends Encoder {
  override encode(packet: Packet) {
    return super.encode(packet).map((part) => (typeof part === "string" ? unmarkNumbers(part) : part))
  }
}

/** A binary event that can't be read, but whose attachments are still arriving. */
type Skipped = { packet: Packet; missing: number }

/**
 * Decodes packets for which Socket.IO's decoder would close the connection: bare `NaN` and `Infinity` become strings, and
 * an event that can't be read gets an `UnreadablePayload` as its argument, so that it gets a reply. Numbers that
 * JavaScript can't represent keep their digits.
 */
class TolerantDecoder extends Decoder {
  /** A binary event whose attachments haven't all arrived. Its packet is stored in case the event can't be read. */
  #awaiting: Packet | undefined
  #skipped: Skipped | undefined

  constructor() {
    super({ maxAttachments: MAX_ATTACHMENTS })
  }

  override add(data: unknown): void {
    if (typeof data === "string" && (!this.#awaitsAttachment || isPacket(data))) {
      this.#giveUpAttachments()
      this.#addText(data)
    } else if (this.#skipped !== undefined) this.#skip(this.#skipped)
    else this.#addAttachment(data)
  }

  get #awaitsAttachment(): boolean {
    return this.#awaiting !== undefined || this.#skipped !== undefined
  }

  #addText(text: string): void {
    if (text.startsWith(BINARY_EVENT)) this.#await(unreadablePacket(text))
    try {
      super.add(mayHoldExactNumbers(text) ? markNumbers(text) : text)
    } catch (error) {
      this.#addOtherwise(text, error)
    }
  }

  /** Adds bytes, or text that a client sends in place of bytes that it can't read, such as a Blob in Node. */
  #addAttachment(data: unknown): void {
    try {
      super.add(typeof data === "string" ? Buffer.from(data) : data)
    } catch (error) {
      const packet = this.#awaiting
      if (packet === undefined) throw error
      this.destroy()
      const isTooDeep = error instanceof RangeError
      this.#emitUnreadable(packet, isTooDeep ? "The message is nested too deeply." : NO_ATTACHMENT)
    }
  }

  #await(packet: Packet | undefined): void {
    this.#awaiting = packet
    this.once("decoded", () => {
      this.#awaiting = undefined
    })
  }

  #addOtherwise(text: string, error: unknown): void {
    if (/NaN|Infinity/.test(text)) {
      try {
        super.add(markNumbers(text))
        return
      } catch {
        // The text is invalid for another reason.
      }
    }
    this.#awaiting = undefined
    const unreadable = unreadablePacket(text)
    // The server never waits for acknowledgements, so it ignores those of a client, valid or not.
    if (unreadable === undefined && text.startsWith(ACKNOWLEDGEMENT)) return
    if (unreadable === undefined) throw error
    const missing = countAttachments(text)
    if (missing === 0) this.emitReserved("decoded", unreadable)
    else if (missing <= MAX_ATTACHMENTS) this.#skipped = { packet: unreadable, missing }
    else this.#skipped = { packet: withReason(unreadable, TOO_MANY_ATTACHMENTS), missing }
  }

  #skip(skipped: Skipped): void {
    skipped.missing -= 1
    if (skipped.missing > 0) return
    this.#skipped = undefined
    this.emitReserved("decoded", skipped.packet)
  }

  /** Called when another packet arrives before the attachments of the last one. */
  #giveUpAttachments(): void {
    const packet = this.#awaiting ?? this.#skipped?.packet
    if (packet === undefined) return
    this.#skipped = undefined
    this.destroy()
    this.#emitUnreadable(packet, NO_ATTACHMENT)
  }

  #emitUnreadable(packet: Packet, reason: string): void {
    this.#awaiting = undefined
    this.emitReserved("decoded", withReason(packet, reason))
  }
}

/** Returns an event that can't be read as a packet that can be answered; undefined for packets of other types. */
function unreadablePacket(text: string): Packet | undefined {
  const [, id, name = UNKNOWN_EVENT] = EVENT_START.exec(text) ?? []
  if (id === undefined) return undefined
  const isNamed = name !== UNKNOWN_EVENT && !RESERVED.has(name)
  const data = isNamed
    ? [name, new UnreadablePayload(NOT_JSON)]
    : [UNKNOWN_EVENT, new UnreadablePayload(NO_EVENT)]
  const packet = { type: PacketType.EVENT, nsp: "/", data }
  return id === "" ? packet : { ...packet, id: Number(id) }
}

function withReason(packet: Packet, reason: string): Packet {
  const [event] = packet.data
  return { ...packet, data: [event, new UnreadablePayload(reason)] }
}

/** Returns the number of attachments that a packet announces. */
function countAttachments(text: string): number {
  return Number(/^5(\d{1,6})-/.exec(text)?.[1] ?? 0)
}

export const messageParser = { Encoder: ExactEncoder, Decoder: TolerantDecoder }
