import { IngestError } from "./IngestError"

/** The window that every decoder should support (RFC 8878, section 3.1.1.1.2) and that encoders use by default. */
const MAX_WINDOW_BYTES = 8 * 1024 * 1024
const FRAME_MAGIC = 0xfd2fb528
const SKIPPABLE_MAGIC = 0x184d2a50
/** The length of the content size field in bytes, indexed by the two highest bits of the frame's descriptor. */
const CONTENT_SIZE_BYTES = [0, 2, 4, 8] as const
const DICTIONARY_ID_BYTES = [0, 1, 2, 4] as const
const RAW_BLOCK = 0
const RLE_BLOCK = 1
/** Limits a slice to 1 MiB, because a block unpacks to at most 128 KiB. */
const BLOCKS_PER_SLICE = 8

/**
 * Checks the sizes declared by the frames of a Zstandard body. A decoder allocates that much memory before it unpacks
 * anything, so a body of ten bytes could take gigabytes. Truncated or invalid bodies are left to the decoder.
 *
 * @returns positions that split the body into slices that unpack to at most 1 MiB each
 * @throws {IngestError} 413 for a window over 8 MiB, or a content size over `maxBytes` according to the headers.
 */
export function checkZstdFrames(body: Uint8Array, maxBytes: number): number[] {
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength)
  const walk: Walk = { cuts: [], blocks: 0, bytes: 0, maxBytes }
  let at = 0
  while (at + 8 <= body.length) {
    const magic = view.getUint32(at, true)
    if ((magic & 0xfffffff0) === SKIPPABLE_MAGIC) {
      at += 8 + view.getUint32(at + 4, true)
    } else if (magic === FRAME_MAGIC) {
      const header = readHeader(view, at + 4)
      if (header === undefined) break
      if (header.windowBytes > MAX_WINDOW_BYTES && !header.isSingleSegment)
        throw new IngestError(413, "Zstandard windows may have at most 8 MiB. Use a lower compression level.")
      if (header.contentBytes > maxBytes) throw tooLarge(maxBytes)
      at = endOfBlocks(view, header.end, walk) + (header.hasChecksum ? 4 : 0)
    } else break
  }
  return walk.cuts
}

function tooLarge(maxBytes: number): IngestError {
  return new IngestError(413, `The unpacked body is larger than ${maxBytes} bytes. Send smaller batches.`)
}

/** `blocks`: the number of blocks so far. `bytes`: the unpacked size of all blocks whose headers contain their size. */
type Walk = { cuts: number[]; blocks: number; bytes: number; maxBytes: number }

type Header = {
  end: number
  windowBytes: number
  contentBytes: number
  isSingleSegment: boolean
  hasChecksum: boolean
}

function readHeader(view: DataView, start: number): Header | undefined {
  const descriptor = view.getUint8(start)
  const isSingleSegment = (descriptor & 0x20) !== 0
  const flag = descriptor >> 6
  const sizeBytes = flag === 0 && isSingleSegment ? 1 : (CONTENT_SIZE_BYTES[flag] ?? 0)
  const dictionary = DICTIONARY_ID_BYTES[descriptor & 3] ?? 0
  const sizeAt = start + 1 + (isSingleSegment ? 0 : 1) + dictionary
  const end = sizeAt + sizeBytes
  if (end > view.byteLength) return undefined
  const contentBytes = contentSize(view, sizeAt, sizeBytes)
  const windowBytes = isSingleSegment ? contentBytes : windowSize(view.getUint8(start + 1))
  return { end, windowBytes, contentBytes, isSingleSegment, hasChecksum: (descriptor & 4) !== 0 }
}

function windowSize(descriptor: number): number {
  const base = 2 ** (10 + (descriptor >> 3))
  return base + (base / 8) * (descriptor & 7)
}

function contentSize(view: DataView, at: number, bytes: number): number {
  if (bytes === 1) return view.getUint8(at)
  if (bytes === 2) return view.getUint16(at, true) + 256
  if (bytes === 4) return view.getUint32(at, true)
  return bytes === 8 ? Number(view.getBigUint64(at, true)) : 0
}

/** Returns the position after the frame's last block. */
function endOfBlocks(view: DataView, start: number, walk: Walk): number {
  let at = start
  while (at + 3 <= view.byteLength) {
    const header = view.getUint16(at, true) | (view.getUint8(at + 2) << 16)
    const type = (header >> 1) & 3
    const size = header >> 3
    at += 3 + (type === RLE_BLOCK ? 1 : size)
    if (type === RLE_BLOCK || type === RAW_BLOCK) walk.bytes += size
    if (walk.bytes > walk.maxBytes) throw tooLarge(walk.maxBytes)
    if (++walk.blocks % BLOCKS_PER_SLICE === 0 && at < view.byteLength) walk.cuts.push(at)
    if ((header & 1) === 1) return at
  }
  return view.byteLength
}
