import { fsync, openSync, unlinkSync, write } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

/** The minimum that durability costs: texts that arrive during a flush are written and flushed together. */
export class FlushedFile {
  readonly #fd: number
  #waiting: { text: string; done: () => void }[] = []
  #isFlushing = false

  constructor() {
    const file = join(tmpdir(), `turnline-bench-flushed-${process.pid}`)
    this.#fd = openSync(file, "wx", 0o600)
    // Deleted when this process ends, however it ends.
    unlinkSync(file)
  }

  /** Calls back once a text is on disk. Texts are written in order. An error ends the process. */
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
    write(this.#fd, batch.map(({ text }) => text).join("\n"), (trouble) => {
      fail(trouble)
      fsync(this.#fd, (cause) => {
        fail(cause)
        this.#isFlushing = false
        for (const { done } of batch) done()
        this.#flush()
      })
    })
  }
}
