import { type ChildProcess, fork } from "node:child_process"
import { fileURLToPath } from "node:url"
import type { PeerAddress } from "@/bench/peers/startPeer"
import type { JobName, JobParams, JobResult } from "./jobs"
import { Signals } from "./Signals"

export type ToChild = { job: JobName; address: PeerAddress; params: unknown } | { word: string }
export type FromChild = { result: unknown; loopDelayMs: number } | { error: string } | { word: string }

/** A job's result, and the event-loop delay of the load process (99th percentile, ms). */
export type Loaded<N extends JobName> = { result: JobResult<N>; loopDelayMs: number }

/** A separate process that puts load on a server. It runs one job at a time. */
export class LoadProcess {
  readonly #child: ChildProcess
  #signals = new Signals(() => {})

  constructor() {
    this.#child = fork(fileURLToPath(new URL("./load.js", import.meta.url)), [], {
      execArgv: ["--enable-source-maps"],
    })
  }

  get signals(): Signals {
    return this.#signals
  }

  /** Runs a job and returns its result. Rejects with the job's error. */
  run<N extends JobName>(job: N, address: PeerAddress, params: JobParams<N>): Promise<Loaded<N>> {
    this.#signals = new Signals((word) => this.#send({ word }))
    return new Promise((resolve, reject) => {
      const take = (message: FromChild) => {
        if ("word" in message) {
          this.#signals.receive(message.word)
          return
        }
        this.#child.off("message", take)
        this.#child.off("exit", lost)
        if ("error" in message) reject(new Error(message.error))
        else resolve(message as Loaded<N>)
      }
      const lost = () => reject(new Error("the load process ended"))
      this.#child.on("message", take)
      this.#child.once("exit", lost)
      this.#send({ job, address, params })
    })
  }

  #send(message: ToChild): void {
    this.#child.send(message)
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#child.exitCode !== null) resolve()
      this.#child.once("exit", () => resolve())
      this.#child.disconnect()
    })
  }
}
