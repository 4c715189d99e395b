import { closeSync, fstatSync, openSync, readSync } from "node:fs"
import { type FeedRead, NOTHING, type RecordFeed } from "./RecordFeed"

const CHUNK_BYTES = 256 * 1024
/** Longer lines are skipped. The tools' lines are much shorter. */
const MAX_LINE_BYTES = 64 * 1024 * 1024
/** The maximum length of the text that is parsed to find a record at the end of an unreadable line. */
const MAX_PARSED = 16 * 1024 * 1024
const NEWLINE = 0x0a

/**
 * Reads complete lines of JSON from a growing file. The bytes are split before they are decoded, so that multi-byte
 * characters stay intact.
 */
export class FileFeed implements RecordFeed {
  private offset = 0
  private inode: number | undefined
  /** The beginning of a line whose end hasn't been written yet. */
  private partial: Buffer[] = []
  private partialBytes = 0
  private overlong = false

  constructor(private readonly path: string) {}

  read(): FeedRead {
    let file: number
    try {
      file = openSync(this.path, "r")
    } catch {
      return NOTHING
    }
    try {
      return this.readFrom(file)
    } catch {
      return NOTHING
    } finally {
      closeSync(file)
    }
  }

  private readFrom(file: number): FeedRead {
    const { ino, size } = fstatSync(file)
    const restarted = (this.inode !== undefined && this.inode !== ino) || size < this.offset
    if (restarted) this.restart()
    this.inode = ino
    const buffer = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, Math.max(0, size - this.offset)))
    const bytes = readSync(file, buffer, 0, buffer.length, this.offset)
    this.offset += bytes
    const read = this.split(buffer.subarray(0, bytes))
    return { ...read, more: this.offset < size, restarted }
  }

  private restart(): void {
    this.offset = 0
    this.partial = []
    this.partialBytes = 0
    this.overlong = false
  }

  private split(chunk: Buffer): { records: unknown[]; unreadable: number } {
    const records: unknown[] = []
    let unreadable = 0
    let start = 0
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      const line = this.takeLine(chunk.subarray(start, end))
      start = end + 1
      const record = line === undefined ? undefined : parse(line)
      if (record !== undefined) records.push(record)
      else if (line === undefined || line.trim() !== "") {
        unreadable++
        const rest = line === undefined ? undefined : recordAtEnd(line)
        if (rest !== undefined) records.push(rest)
      }
    }
    this.keep(chunk.subarray(start))
    return { records, unreadable }
  }

  private takeLine(rest: Buffer): string | undefined {
    const line = this.partial.length === 0 ? rest : Buffer.concat([...this.partial, rest])
    const { overlong } = this
    this.partial = []
    this.partialBytes = 0
    this.overlong = false
    return overlong ? undefined : line.toString("utf8")
  }

  private keep(rest: Buffer): void {
    if (rest.length === 0) return
    this.partialBytes += rest.length
    if (this.partialBytes > MAX_LINE_BYTES) {
      this.overlong = true
      this.partial = []
    }
    if (!this.overlong) this.partial.push(Buffer.from(rest))
  }
}

function parse(line: string): unknown {
  try {
    // The first line of a file may have a byte order mark.
    return JSON.parse(line.startsWith("\uFEFF") ? line.slice(1) : line)
  } catch {
    return undefined
  }
}

/**
 * Returns the record at the end of a line that can't be read. If a process was killed while writing a record, the next
 * process appends its first record to the same line. The rest of the line is valid JSON only from the start of that
 * record.
 */
function recordAtEnd(line: string): unknown {
  let parsed = 0
  for (let at = line.lastIndexOf('{"'); at > 0 && parsed < MAX_PARSED; at = line.lastIndexOf('{"', at - 1)) {
    const record = parse(line.slice(at))
    if (record !== undefined) return record
    parsed += line.length - at
  }
  return undefined
}
