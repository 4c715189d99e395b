import { setMaxListeners } from "node:events"

const GOODBYE_MS = 2_000

/** Thrown out of a wait when the fleet stops or a viewer has asked for a cancel. */
export class Interrupted extends Error {
  override readonly name = "Interrupted"
}

/** How fast the fleet lives: every wait is divided by `speed`. */
export class Pace {
  constructor(
    readonly speed: number,
    readonly stop: AbortSignal,
  ) {
    // Every agent waits with an ear on it.
    setMaxListeners(0, stop)
  }

  faster(times: number): Pace {
    return new Pace(this.speed * times, this.stop)
  }

  /** Waits; rejects with `Interrupted` as soon as the fleet stops or one of `signals` is aborted. */
  wait(ms: number, ...signals: AbortSignal[]): Promise<void> {
    const all = [this.stop, ...signals]
    return new Promise((resolve, reject) => {
      const leave = () => {
        clearTimeout(timer)
        for (const signal of all) signal.removeEventListener("abort", interrupt)
      }
      const interrupt = () => {
        leave()
        reject(new Interrupted(reasonOf(all.find((signal) => signal.aborted))))
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

  /** What a promise gives; undefined two seconds after the fleet was stopped. */
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
