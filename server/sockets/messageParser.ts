import { Decoder, Encoder, type Packet, PacketType } from "socket.io-parser"
import { markNumbers, mayHoldExactNumbers, unmarkNumbers } from "@/lib/protocol/exactNumbers"
import { UNREADABLE } from "./parseCommand"

/** The maximum number of attachments. A batch may have bytes in each of its turns. */
const MAX_ATTACHMENTS = 4_096
/** Matches the start of an event in the default namespace: the id of its acknowledgement, and its name. */
const EVENT_START = /^2(\d{0,15})\["([\w.:/-]{1,100})"\s*,/
const BINARY_EVENT = String(PacketType.BINARY_EVENT)
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

/**
 * Decodes packets for which Socket.IO's decoder would close the connection: bare `NaN` and `Infinity` become strings, and
 * an event that isn't JSON gets `UNREADABLE` as its argument, so that it gets a reply. Numbers that JavaScript can't
 * represent keep their digits.
 */
class TolerantDecoder extends Decoder {
  #isReconstructing = false

  constructor() {
    super({ maxAttachments: MAX_ATTACHMENTS })
  }

  override add(data: unknown): void {
    if (typeof data !== "string" || this.#isReconstructing) {
      super.add(data)
      return
    }
    if (data.startsWith(BINARY_EVENT)) this.#awaitAttachments()
    try {
      super.add(mayHoldExactNumbers(data) ? markNumbers(data) : data)
    } catch (error) {
      this.#addOtherwise(data, error)
    }
  }

  #awaitAttachments(): void {
    this.#isReconstructing = true
    this.once("decoded", () => {
      this.#isReconstructing = false
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
    this.#isReconstructing = false
    const [, id, name = ""] = EVENT_START.exec(text) ?? []
    if (id === undefined || RESERVED.has(name)) throw error
    const packet = { type: PacketType.EVENT, nsp: "/", data: [name, UNREADABLE] }
    this.emitReserved("decoded", id === "" ? packet : { ...packet, id: Number(id) })
  }
}

export const messageParser = { Encoder: ExactEncoder, Decoder: TolerantDecoder }
