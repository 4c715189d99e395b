import { describe, expect, test } from "vitest"
import { checkZstdFrames } from "./checkZstdFrames"
import { zstdFrame } from "./testing/zstdFrame"
import { unpackZstd } from "./unpackZstd"

const MIB = 1024 * 1024
const MAGIC = [0x28, 0xb5, 0x2f, 0xfd]
/** The last block of a frame: raw, with the letter A. */
const BLOCK = [0x09, 0x00, 0x00, 0x41]

/** A frame with a declared window of `2 ** (10 + exponent)` bytes. */
const withWindow = (exponent: number) => Buffer.from([...MAGIC, 0x00, exponent << 3, ...BLOCK])

/** A frame without a window that declares the size of its content. */
function withContentSize(bytes: number): Buffer {
  const size = Buffer.alloc(8)
  size.writeBigUInt64LE(BigInt(bytes))
  return Buffer.concat([Buffer.from([...MAGIC, 0xe0]), size, Buffer.from(BLOCK)])
}

const skippable = Buffer.from([0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3])

describe("checkZstdFrames", () => {
  test("accepts windows of up to 8 MiB", () => {
    expect(() => checkZstdFrames(withWindow(13), MIB)).not.toThrow()
    expect(() => checkZstdFrames(withWindow(14), MIB)).toThrow("at most 8 MiB")
    expect(() => checkZstdFrames(withWindow(31), MIB)).toThrow("at most 8 MiB")
  })

  test("accepts content sizes up to the body limit", () => {
    expect(() => checkZstdFrames(withContentSize(MIB), MIB)).not.toThrow()
    expect(() => checkZstdFrames(withContentSize(2 ** 52), MIB)).toThrow(`larger than ${MIB} bytes`)
  })

  test("checks frames after other frames, including skippable frames and RLE blocks", () => {
    for (const first of [withWindow(0), skippable, zstdFrame(Buffer.alloc(300_000)), withContentSize(1)])
      expect(() => checkZstdFrames(Buffer.concat([first, withWindow(31)]), MIB)).toThrow("at most 8 MiB")
  })

  test("rejects a body that is too large according to its block headers", () => {
    const packed = zstdFrame(Buffer.alloc(2 * MIB))
    expect(packed.length).toBeLessThan(100)
    expect(() => checkZstdFrames(packed, MIB)).toThrow(`larger than ${MIB} bytes`)
    expect(() => checkZstdFrames(Buffer.concat([skippable, packed]), 2 * MIB)).not.toThrow()
  })

  test("splits a body into slices that unpack to at most 1 MiB each", async () => {
    const data = Buffer.alloc(3 * MIB + 5).fill("a")
    const packed = Buffer.concat([zstdFrame(data), zstdFrame(data)])
    expect(checkZstdFrames(packed, 8 * MIB)).toHaveLength(6)
    expect((await unpackZstd(zstdFrame(data), 8 * MIB)).equals(data)).toBe(true)
  })

  test("leaves truncated bodies to the decoder", async () => {
    for (let length = 0; length <= 9; length++)
      expect(() => checkZstdFrames(withWindow(13).subarray(0, length), MIB)).not.toThrow()
    await expect(unpackZstd(withWindow(13).subarray(0, 8), MIB)).rejects.toThrow()
    expect((await unpackZstd(withWindow(13), MIB)).toString()).toBe("A")
  })
})
