import type { IncomingMessage } from "node:http"
import { promisify } from "node:util"
import { gunzip, inflate, inflateRaw } from "node:zlib"
import getRawBody from "raw-body"
import { IngestError } from "./IngestError"
import { unpackZstd } from "./unpackZstd"

const unpackGzip = promisify(gunzip)
const unpackDeflate = promisify(inflate)
const unpackRawDeflate = promisify(inflateRaw)

const DISCARD_MS = 5_000

export type BodyLimits = {
  /** As sent. */
  maxBytes: number
  /** Unpacked. A body that would grow beyond it is refused while it is unpacked. */
  maxUnpackedBytes: number
}

/**
 * Reads a request's body and unpacks it.
 *
 * @throws {IngestError} 413 when it is too large, 415 for an unknown encoding, 400 when it can't be unpacked.
 */
export async function readRequestBody(request: IncomingMessage, limits: BodyLimits): Promise<Buffer> {
  const body = await readRaw(request, limits.maxBytes)
  const encoding = (request.headers["content-encoding"] ?? "identity").trim().toLowerCase()
  return unpack(body, encoding, limits.maxUnpackedBytes)
}

async function readRaw(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  try {
    return await getRawBody(request, {
      limit: maxBytes,
      length: request.headers["content-length"] ?? null,
    })
  } catch (error) {
    const isTooLarge = error instanceof Error && "type" in error && error.type === "entity.too.large"
    if (!isTooLarge) throw new IngestError(400, "The body ended early.")
    await discard(request, maxBytes * 4)
    throw new IngestError(413, `The body is larger than ${maxBytes} bytes. Send smaller batches.`)
  }
}

/**
 * Reads the rest of a body that is refused: a sender that is still sending sees a broken connection instead of the answer,
 * and sends everything again. One that sends very much more, or slowly, isn't waited for.
 */
async function discard(request: IncomingMessage, maxBytes: number): Promise<void> {
  let bytes = 0
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, DISCARD_MS)
    const done = () => {
      clearTimeout(timer)
      resolve()
    }
    request.on("data", (chunk: Buffer) => {
      bytes += chunk.length
      if (bytes > maxBytes) done()
    })
    request.once("end", done).once("close", done).once("error", done)
    request.resume()
  })
}

async function unpack(body: Buffer, encoding: string, maxOutputLength: number): Promise<Buffer> {
  try {
    if (encoding === "identity" || encoding === "") return checkSize(body, maxOutputLength)
    if (encoding === "gzip" || encoding === "x-gzip") return await unpackGzip(body, { maxOutputLength })
    if (encoding === "deflate") return await unpackAnyDeflate(body, maxOutputLength)
    if (encoding === "zstd") return await unpackZstd(body, maxOutputLength)
  } catch (error) {
    if (error instanceof IngestError) throw error
    if (error instanceof RangeError) throw tooLarge(maxOutputLength)
    throw new IngestError(400, `The body isn't valid ${encoding}.`)
  }
  throw new IngestError(415, `Unknown content encoding ${encoding}. Use gzip, deflate, zstd or none.`)
}

/** The standard means zlib's frame; some senders leave it out. */
async function unpackAnyDeflate(body: Buffer, maxOutputLength: number): Promise<Buffer> {
  try {
    return await unpackDeflate(body, { maxOutputLength })
  } catch (error) {
    if (error instanceof RangeError) throw error
    return unpackRawDeflate(body, { maxOutputLength })
  }
}

function checkSize(body: Buffer, max: number): Buffer {
  if (body.length > max) throw tooLarge(max)
  return body
}

function tooLarge(max: number): IngestError {
  return new IngestError(413, `The unpacked body is larger than ${max} bytes. Send smaller batches.`)
}
