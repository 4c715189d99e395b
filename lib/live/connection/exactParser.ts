import { Decoder, Encoder } from "socket.io-parser"
import { markNumbers, mayHoldExactNumbers } from "@/lib/protocol/exactNumbers"

/** Decodes numbers that JavaScript can't hold with all their digits. */
class ExactDecoder extends Decoder {
  override add(data: unknown): void {
    super.add(typeof data === "string" && mayHoldExactNumbers(data) ? markNumbers(data) : data)
  }
}

/** How the page reads and writes Socket.IO packets. */
export const exactParser = { Encoder, Decoder: ExactDecoder }
