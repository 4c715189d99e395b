import { closeSync, openSync, readSync, statSync } from "node:fs"
import { type FileHandle, open, rename, rm } from "node:fs/promises"
import { createPrivateFile } from "@/server/store/sqlite/SqliteDatabase"
import type { AuditEntry } from "./Audit"
import { auditFile, fullFile, fullFiles } from "./auditFiles"
import { auditLine, FIRST_PREV, lineHash, readLine } from "./auditLine"

const FILE_BYTES = 10 * 1024 * 1024
const TAIL_BYTES = 64 * 1024

export type TimedEntry = { at: string; entry: AuditEntry }

/**
 * The hash chain on disk: appends lines, starts a new file when one is full, and deletes the oldest. Only one writer
 * may use it at a time.
 */
export class AuditFile {
  readonly #dir: string
  readonly #retainedBytes: number
  readonly #fileBytes: number
  #handle: FileHandle | undefined
  #bytes = 0
  #seq = 0
  #firstSeq = 1
  #prev = FIRST_PREV

  /** `retainedBytes`: the maximum size of all files together. */
  constructor(dir: string, retainedBytes: number, fileBytes = FILE_BYTES) {
    this.#dir = dir
    this.#retainedBytes = retainedBytes
    this.#fileBytes = fileBytes
  }

  /** Appends lines. Rejects if the write fails; the next append continues after the last complete line. */
  async append(entries: readonly TimedEntry[]): Promise<void> {
    const handle = this.#handle ?? (await this.#open())
    let text = ""
    let [seq, prev] = [this.#seq, this.#prev]
    for (const { at, entry } of entries) {
      const line = auditLine(entry, { at, seq: ++seq, prev })
      prev = lineHash(line)
      text += `${line}\n`
    }
    try {
      await handle.appendFile(text)
    } catch (error) {
      // Some of the lines may have been written. Reopening the file reads its end again.
      await this.close()
      throw error
    }
    this.#seq = seq
    this.#prev = prev
    this.#bytes += Buffer.byteLength(text)
    if (this.#bytes >= this.#fileBytes) await this.#startNewFile()
  }

  async close(): Promise<void> {
    const handle = this.#handle
    this.#handle = undefined
    await handle?.sync().catch(() => undefined)
    await handle?.close()
  }

  async #open(): Promise<FileHandle> {
    const file = auditFile(this.#dir)
    createPrivateFile(file)
    const handle = await open(file, "a", 0o600)
    this.#bytes = await cutTornLine(handle, file)
    const last = lastLine(file) ?? lastLine(fullFiles(this.#dir).at(-1))
    this.#seq = last === undefined ? 0 : (readLine(last)?.seq ?? 0)
    this.#prev = last === undefined ? FIRST_PREV : lineHash(last)
    this.#firstSeq = readLine(firstLine(file))?.seq ?? this.#seq + 1
    this.#handle = handle
    return handle
  }

  async #startNewFile(): Promise<void> {
    await this.close()
    await rename(auditFile(this.#dir), fullFile(this.#dir, this.#firstSeq))
    const most = Math.max(0, Math.floor(this.#retainedBytes / this.#fileBytes) - 1)
    for (const file of fullFiles(this.#dir).slice(0, -most || undefined)) await rm(file, { force: true })
  }
}

/**
 * Removes a partial line at the end of the file, which a crash may have left. Returns the size of the remaining lines.
 */
async function cutTornLine(handle: FileHandle, file: string): Promise<number> {
  const { size } = statSync(file)
  const tail = readPart(file, Math.max(0, size - TAIL_BYTES), TAIL_BYTES)
  const whole = size - tail.length + tail.lastIndexOf("\n") + 1
  if (whole < size) await handle.truncate(whole)
  return whole
}

function firstLine(file: string): string {
  return readPart(file, 0, TAIL_BYTES).toString().split("\n", 1)[0] ?? ""
}

function lastLine(file: string | undefined): string | undefined {
  const size = file === undefined ? 0 : (statSync(file, { throwIfNoEntry: false })?.size ?? 0)
  if (file === undefined || size === 0) return undefined
  const lines = readPart(file, Math.max(0, size - TAIL_BYTES), TAIL_BYTES)
    .toString()
    .trimEnd()
    .split("\n")
  return lines.at(-1) || undefined
}

function readPart(file: string, from: number, bytes: number): Buffer {
  const buffer = Buffer.alloc(bytes)
  const descriptor = openSync(file, "r")
  try {
    return buffer.subarray(0, readSync(descriptor, buffer, 0, bytes, from))
  } finally {
    closeSync(descriptor)
  }
}
