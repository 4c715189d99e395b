import { setMaxListeners } from "node:events"

const GOODBYE_MS = 2_000

/** Thrown by a wait when the fleet stops or a viewer has requested cancellation. */
export class InterruptedError extends Error {
  override readonly name = "InterruptedError"
}

/** The speed of the fleet: every wait is divided by `speed`. */
export class Pace {
  constructor(
    readonly speed: number,
    readonly stop: AbortSignal,
  ) {
    // Each wait of each agent adds a listener.
    setMaxListeners(0, stop)
  }

  faster(times: number): Pace {
    return new Pace(this.speed * times, this.stop)
  }

  /** Waits; rejects with `InterruptedError` as soon as the fleet stops or one of `signals` is aborted. */
  wait(ms: number, ...signals: AbortSignal[]): Promise<void> {
    const all = [this.stop, ...signals]
    return new Promise((resolve, reject) => {
      const leave = () => {
        clearTimeout(timer)
        for (const signal of all) signal.removeEventListener("abort", interrupt)
      }
      const interrupt = () => {
        leave()
        reject(new InterruptedError(reasonOf(all.find((signal) => signal.aborted))))
      }
      const timer = setTimeout(() => {
        leave()
        resolve()
      }, ms / this.speed)
      setMaxListeners(0, ...signals)
      for (const signal of all) signal.addEventListener("abort", interrupt)
      if (all.some((signal) => signal.aborted)) interrupt()
    })
  }

  /**
   * Awaits a promise. Resolves with undefined if the promise is still pending two seconds after the fleet was stopped.
   */
  soon<T>(promise: Promise<T>): Promise<T | undefined> {
    return new Promise((resolve, reject) => {
      const hurry = () => setTimeout(() => resolve(undefined), GOODBYE_MS).unref()
      if (this.stop.aborted) hurry()
      else this.stop.addEventListener("abort", hurry, { once: true })
      promise.then(resolve, reject).finally(() => this.stop.removeEventListener("abort", hurry))
    })
  }
}

function reasonOf(signal: AbortSignal | undefined): string {
  const reason: unknown = signal?.reason
  return reason instanceof Error ? reason.message : "interrupted"
}
