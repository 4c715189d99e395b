/** The largest block of a Zstandard frame. */
const BLOCK = 128 * 1024

/**
 * Packs bytes as a Zstandard frame, stored or, where a block is one byte repeated, as that byte: all that a test of
 * the decoder's bounds needs.
 */
export function zstdFrame(data: Uint8Array): Buffer {
  // Magic, then a header that gives neither the size nor a checksum, and a window of 8 MiB.
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
