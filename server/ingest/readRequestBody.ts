import type { IncomingMessage } from "node:http"
import { promisify } from "node:util"
import { gunzip, inflate, inflateRaw } from "node:zlib"
import type { BodyBudget } from "./BodyBudget"
import { IngestError } from "./IngestError"
import { unpackZstd } from "./unpackZstd"

const unpackGzip = promisify(gunzip)
const unpackDeflate = promisify(inflate)
const unpackRawDeflate = promisify(inflateRaw)

const DISCARD_MS = 5_000
/** Larger bodies are handled one after the other. */
const SMALL_BYTES = 1024 * 1024

export type BodyLimits = {
  /** The maximum size as sent. */
  maxBytes: number
  /** The maximum unpacked size. Unpacking stops as soon as it is exceeded. */
  maxUnpackedBytes: number
}

/**
 * Reads and unpacks a request's body and passes it to `handle`. The body counts in the budget until `handle` is done.
 *
 * @throws {IngestError} 413 if it is too large, 415 for an unknown encoding, 400 if it can't be unpacked, 503 if the
 * bodies of other requests take too much memory. Errors of `handle` are thrown, too.
 */
export async function withRequestBody<T>(
  request: IncomingMessage,
  limits: BodyLimits,
  budget: BodyBudget,
  handle: (body: Buffer) => Promise<T>,
): Promise<T> {
  const encoding = (request.headers["content-encoding"] ?? "identity").trim().toLowerCase()
  const isPacked = encoding !== "identity" && encoding !== ""
  const counted = { bytes: 0 }
  let endTurn: (() => void) | undefined
  try {
    const raw = await readRaw(request, limits.maxBytes, budget, counted)
    if (isPacked || raw.length > SMALL_BYTES) endTurn = await budget.turn()
    const body = await unpack(raw, encoding, limits.maxUnpackedBytes)
    if (body.length <= SMALL_BYTES) endTurn?.()
    return await handle(body)
  } finally {
    endTurn?.()
    budget.remove(counted.bytes)
  }
}

async function readRaw(
  request: IncomingMessage,
  maxBytes: number,
  budget: BodyBudget,
  counted: { bytes: number },
): Promise<Buffer> {
  const chunks: Buffer[] = []
  try {
    const isDeclaredTooLarge = Number(request.headers["content-length"] ?? 0) > maxBytes
    if (isDeclaredTooLarge) throw tooLargeAsSent(maxBytes)
    for await (const chunk of request.iterator({ destroyOnReturn: false })) {
      const { length } = chunk as Buffer
      if (counted.bytes + length > maxBytes) throw tooLargeAsSent(maxBytes)
      budget.add(length)
      counted.bytes += length
      chunks.push(chunk as Buffer)
    }
  } catch (error) {
    if (!(error instanceof IngestError)) throw new IngestError(400, "The body ended early.")
    chunks.length = 0
    budget.remove(counted.bytes)
    counted.bytes = 0
    await discard(request, maxBytes * 4)
    throw error
  }
  return Buffer.concat(chunks)
}

function tooLargeAsSent(maxBytes: number): IngestError {
  return new IngestError(413, `The body is larger than ${maxBytes} bytes. Send smaller batches.`)
}

/**
 * Reads the rest of a refused body. If the connection were closed while the sender is still sending, the sender would
 * miss the response and send everything again. Gives up if there is much more to read or the sender is slow.
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

/** Unpacks both forms of `deflate`: with zlib's header, as in the standard, and without it, as some senders send it. */
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
