import { setImmediate } from "node:timers/promises"
import { Decompress } from "fzstd"
import { checkZstdFrames } from "./checkZstdFrames"
import { IngestError } from "./IngestError"

/**
 * Unpacks a Zstandard body in slices, because the decoder, unlike Node's own from version 22.15, blocks the main
 * thread.
 *
 * @throws {IngestError} 413 if a frame declares too large a size, or as soon as more than `maxBytes` are unpacked.
 */
export async function unpackZstd(body: Uint8Array, maxBytes: number): Promise<Buffer> {
  const cuts = checkZstdFrames(body, maxBytes)
  const chunks: Uint8Array[] = []
  let bytes = 0
  let isDone = false
  const stream = new Decompress((chunk, isFinal) => {
    bytes += chunk.length
    if (bytes > maxBytes)
      throw new IngestError(413, `The unpacked body is larger than ${maxBytes} bytes. Send smaller batches.`)
    chunks.push(chunk)
    isDone ||= isFinal === true
  })
  let at = 0
  for (const cut of [...cuts, body.length]) {
    stream.push(body.subarray(at, cut), cut === body.length)
    at = cut
    if (cut < body.length) await setImmediate()
  }
  if (!isDone) throw new Error("the stream ended early")
  return Buffer.concat(chunks)
}
