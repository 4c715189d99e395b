import { crc32, deflateRawSync } from "node:zlib"

/** The modification time of all files: 1 January 1980, the earliest date that a zip file can contain. */
const DATE = 0x21
const TIME = 0
/** The version that a program needs to read the zip file: 2.0, the first version with deflate. */
const VERSION = 20
const MADE_ON_UNIX = (3 << 8) | VERSION
const NAMES_ARE_UTF8 = 0x800
const DEFLATE = 8
/** The mode of all files: a regular file that everybody may read. */
const MODE = 0o100644

/**
 * Returns a zip file with the given files, each `{ name, content }`. All dates are fixed, so equal files give equal
 * bytes.
 */
export function zip(files) {
  const parts = []
  const directory = []
  let offset = 0
  for (const { name, content } of files) {
    const path = Buffer.from(name)
    const packed = deflateRawSync(content, { level: 9 })
    const about = numbers(
      [VERSION, 2],
      [NAMES_ARE_UTF8, 2],
      [DEFLATE, 2],
      [TIME, 2],
      [DATE, 2],
      [crc32(content), 4],
      [packed.length, 4],
      [content.length, 4],
      [path.length, 2],
      [0, 2],
    )
    directory.push(
      numbers([0x02014b50, 4], [MADE_ON_UNIX, 2]),
      about,
      numbers([0, 2], [0, 2], [0, 2], [MODE * 0x10000, 4], [offset, 4]),
      path,
    )
    parts.push(numbers([0x04034b50, 4]), about, path, packed)
    offset += 4 + about.length + path.length + packed.length
  }
  const listing = Buffer.concat(directory)
  const end = numbers(
    [0x06054b50, 4],
    [0, 2],
    [0, 2],
    [files.length, 2],
    [files.length, 2],
    [listing.length, 4],
    [offset, 4],
    [0, 2],
  )
  return Buffer.concat([...parts, listing, end])
}

/** Encodes unsigned numbers, little-endian. Each pair is a number and its size in bytes. */
function numbers(...pairs) {
  const buffer = Buffer.alloc(pairs.reduce((sum, [, size]) => sum + size, 0))
  let at = 0
  for (const [value, size] of pairs) at = buffer.writeUIntLE(value, at, size)
  return buffer
}
