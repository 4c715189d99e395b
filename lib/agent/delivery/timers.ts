/** Runs something later without keeping a Node process alive for it; returns what `clearTimeout` takes. */
export function later(run: () => void, ms: number): ReturnType<typeof setTimeout> {
  const timer: unknown = setTimeout(run, ms)
  if (typeof timer === "object" && timer !== null && "unref" in timer && typeof timer.unref === "function")
    timer.unref()
  return timer as ReturnType<typeof setTimeout>
}

/**
 * Resolves with what `promise` gives, or with `fallback` after `ms`; never rejects.
 * A Node process stays alive while somebody waits here, and not a millisecond longer than `ms`.
 */
export function within<T>(promise: Promise<T>, ms: number, fallback: T): Promise<T> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(fallback), ms)
    const settle = (value: T) => {
      clearTimeout(timer)
      resolve(value)
    }
    promise.then(settle, () => settle(fallback))
  })
}

/** Grows from 250 ms to 5 s with each failure in a row, spread by half, so that agents don't come back in step. */
export function backoffMs(failures: number, random: () => number = Math.random): number {
  const base = Math.min(5_000, 250 * 2 ** Math.min(failures, 10))
  return Math.round(base * (0.5 + random()))
}
