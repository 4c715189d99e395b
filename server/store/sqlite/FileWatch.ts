import { type Stats, statSync } from "node:fs"

/** Thrown when the database's files have been replaced or deleted since they were opened. */
export class FilesGoneError extends Error {
  override readonly name = "FilesGoneError"
}

/** Notices that a database or its log was deleted or replaced: commits would continue, into files that nobody finds again. */
export class FileWatch {
  readonly #files: readonly [string, string]
  readonly #opened: string[]

  /** Called after a first write, when the log exists. */
  constructor(file: string) {
    this.#files = [file, `${file}-wal`]
    this.#opened = this.#files.map((name) => identity(statSync(name, { throwIfNoEntry: false })))
  }

  /** Called after the connection was opened again, which may have made another log. */
  reopened(): void {
    this.#opened[1] = identity(statSync(this.#files[1], { throwIfNoEntry: false }))
  }

  /** The size of the log in bytes; throws `FilesGoneError`. */
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
