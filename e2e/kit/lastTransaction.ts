import { closeSync, openSync, readFileSync, readSync } from "node:fs"

const HEADER_BYTES = 32
const FRAME_HEADER_BYTES = 24

/**
 * Where a log's last transaction lies, in bytes: the only part of it that a power cut can leave unwritten, since
 * every earlier commit was flushed. Undefined when the log is empty, or when the transaction's pages were copied
 * into the database already, before which SQLite flushes the log.
 */
export function lastTransaction(
  logFile: string,
  databaseFile: string,
): { from: number; to: number } | undefined {
  const log = readFileSync(logFile)
  if (log.length < HEADER_BYTES) return undefined
  const pageBytes = log.readUInt32BE(8)
  const frameBytes = FRAME_HEADER_BYTES + pageBytes
  const salt = log.subarray(16, 24)
  let from = 0
  let to = 0
  for (let at = HEADER_BYTES; at + frameBytes <= log.length; at += frameBytes) {
    // Frames of an earlier round of the log lie behind those of this one.
    if (!log.subarray(at + 8, at + 16).equals(salt)) break
    if (log.readUInt32BE(at + 4) === 0) continue
    from = to === 0 ? HEADER_BYTES : to
    to = at + frameBytes
  }
  if (to === 0) return undefined
  const database = openSync(databaseFile, "r")
  try {
    const page = Buffer.alloc(pageBytes)
    for (let at = from; at < to; at += frameBytes) {
      const read = readSync(database, page, 0, pageBytes, (log.readUInt32BE(at) - 1) * pageBytes)
      if (read === pageBytes && page.equals(log.subarray(at + FRAME_HEADER_BYTES, at + frameBytes)))
        return undefined
    }
    return { from, to }
  } finally {
    closeSync(database)
  }
}
