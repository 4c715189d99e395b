/** The largest block of a Zstandard frame. */
const BLOCK = 128 * 1024

/**
 * Encodes bytes as a Zstandard frame with raw and RLE blocks only, which is enough for tests of the decoder's limits.
 */
export function zstdFrame(data: Uint8Array): Buffer {
  // The magic number, then a header with neither content size nor checksum, and a window of 8 MiB.
  const parts = [Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 13 << 3])]
  for (let at = 0; at < data.length || at === 0; at += BLOCK) {
    const block = data.subarray(at, at + BLOCK)
    const isLast = at + BLOCK >= data.length
    const first = block[0]
    const isRepeated = block.length > 8 && first !== undefined && block.every((byte) => byte === first)
    const header = (block.length << 3) | (isRepeated ? 2 : 0) | (isLast ? 1 : 0)
    parts.push(Buffer.from([header & 0xff, (header >> 8) & 0xff, (header >> 16) & 0xff]))
    parts.push(isRepeated ? Buffer.from([first ?? 0]) : Buffer.from(block))
  }
  return Buffer.concat(parts)
}
