import { type Stats, statSync } from "node:fs"

/** Thrown when the database's files have been replaced or deleted since they were opened. */
export class FilesGoneError extends Error {
  override readonly name = "FilesGoneError"
}

/**
 * Detects that a database or its write-ahead log was deleted or replaced. Otherwise, commits would still succeed, but
 * be lost.
 */
export class FileWatch {
  readonly #files: readonly [string, string]
  readonly #opened: string[]

  /** Must be created after a first write, so that the log exists. */
  constructor(file: string) {
    this.#files = [file, `${file}-wal`]
    this.#opened = this.#files.map((name) => identity(statSync(name, { throwIfNoEntry: false })))
  }

  /** Must be called after reopening the connection, because that may have created a new log. */
  reopened(): void {
    this.#opened[1] = identity(statSync(this.#files[1], { throwIfNoEntry: false }))
  }

  /** Returns the size of the log in bytes. Throws `FilesGoneError`. */
  check(): number {
    let size = 0
    for (const [at, file] of this.#files.entries()) {
      const stats = statSync(file, { throwIfNoEntry: false })
      if (identity(stats) !== this.#opened[at])
        throw new FilesGoneError("The database's files were deleted or replaced")
      size = stats?.size ?? 0
    }
    return size
  }
}

function identity(stats: Stats | undefined): string {
  return stats === undefined ? "gone" : `${stats.dev}:${stats.ino}`
}
