import { Decoder, Encoder } from "socket.io-parser"
import { markNumbers, mayHoldExactNumbers } from "@/lib/protocol/exactNumbers"

/** Decodes numbers beyond JavaScript's precision with all their digits. */
class ExactDecoder extends Decoder {
  override add(data: unknown): void {
    super.add(typeof data === "string" && mayHoldExactNumbers(data) ? markNumbers(data) : data)
  }
}

/** The page's parser for Socket.IO packets. */
export const exactParser = { Encoder, Decoder: ExactDecoder }
