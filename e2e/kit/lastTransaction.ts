import { closeSync, openSync, readFileSync, readSync } from "node:fs"

const HEADER_BYTES = 32
const FRAME_HEADER_BYTES = 24

/**
 * Returns the byte range of a log's last transaction. Only this part can be missing after a power loss, because every
 * earlier commit was flushed. Returns undefined if the log is empty, or if a page of the transaction is already in the
 * database, because SQLite flushes the log before it copies pages there.
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
    // The current frames are followed by frames from before the log was last reset.
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
