import { type ChildProcess, fork } from "node:child_process"
import { fileURLToPath } from "node:url"
import type { PeerAddress } from "@/bench/peers/startPeer"
import type { JobName, JobParams, JobResult } from "./jobs"
import { Talk } from "./Talk"

export type ToChild = { job: JobName; address: PeerAddress; params: unknown } | { word: string }
export type FromChild = { result: unknown; loopDelayMs: number } | { error: string } | { word: string }

/** A job's result, and the event-loop delay of the load process (99th percentile, ms). */
export type Loaded<N extends JobName> = { result: JobResult<N>; loopDelayMs: number }

/** A load process. Runs one job at a time. */
export class LoadProcess {
  readonly #child: ChildProcess
  #talk = new Talk(() => {})

  constructor() {
    this.#child = fork(fileURLToPath(new URL("./load.js", import.meta.url)), [], {
      execArgv: ["--enable-source-maps"],
    })
  }

  get talk(): Talk {
    return this.#talk
  }

  /** Runs a job; rejects with the job's error. */
  run<N extends JobName>(job: N, address: PeerAddress, params: JobParams<N>): Promise<Loaded<N>> {
    this.#talk = new Talk((word) => this.#send({ word }))
    return new Promise((resolve, reject) => {
      const take = (message: FromChild) => {
        if ("word" in message) {
          this.#talk.receive(message.word)
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
