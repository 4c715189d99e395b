import { type ChildProcess, fork } from "node:child_process"
import { fileURLToPath } from "node:url"
import type { ReaderReport } from "./readerChild"

const CHILD = fileURLToPath(new URL("./readerChild.ts", import.meta.url))

/** Viewers in a separate process, which can be stopped like a laptop that goes to sleep. */
export class ReaderProcess {
  readonly #child: ChildProcess

  /** `within`: a command prefix that runs the process elsewhere, such as in another network. */
  constructor(options: { url: string; token: string; runs: readonly string[] }, within: string[] = []) {
    const [execPath = process.execPath, ...before] = [...within, process.execPath]
    this.#child = fork(CHILD, [JSON.stringify(options)], {
      execPath,
      execArgv: [...before, "--import", "tsx"],
    })
  }

  /** Queries what the viewers have received. Gets no reply while the process is stopped. */
  report(): Promise<ReaderReport> {
    return new Promise((resolve, reject) => {
      const ended = () => reject(new Error("the reader ended"))
      this.#child.once("exit", ended)
      this.#child.once("message", (report) => {
        this.#child.off("exit", ended)
        resolve(report as ReaderReport)
      })
      this.#child.send("report")
    })
  }

  stop(): void {
    this.#child.kill("SIGSTOP")
  }

  resume(): void {
    this.#child.kill("SIGCONT")
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#child.once("exit", () => resolve())
      this.#child.kill("SIGKILL")
    })
  }
}
