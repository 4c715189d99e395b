import { fsync, openSync, unlinkSync, write } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

/** A file that shows the minimum cost of durability: strings that arrive during a flush share the next one. */
export class FlushedFile {
  readonly #fd: number
  #waiting: { text: string; done: () => void }[] = []
  #isFlushing = false

  constructor() {
    const file = join(tmpdir(), `turnline-bench-flushed-${process.pid}`)
    this.#fd = openSync(file, "wx", 0o600)
    // The open file is deleted when this process ends, even after a crash.
    unlinkSync(file)
  }

  /** Calls `done` once a string is on disk. Strings are written in order. An error ends the process. */
  add(text: string, done: () => void): void {
    this.#waiting.push({ text, done })
    if (!this.#isFlushing) this.#flush()
  }

  #flush(): void {
    const batch = this.#waiting.splice(0)
    if (batch.length === 0) return
    this.#isFlushing = true
    const fail = (error: Error | null) => {
      if (error !== null) throw error
    }
    write(this.#fd, batch.map(({ text }) => text).join("\n"), (writeError) => {
      fail(writeError)
      fsync(this.#fd, (syncError) => {
        fail(syncError)
        this.#isFlushing = false
        for (const { done } of batch) done()
        this.#flush()
      })
    })
  }
}
