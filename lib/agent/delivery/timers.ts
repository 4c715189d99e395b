/** Calls `run` later without keeping a Node process alive. Returns a handle for `clearTimeout`. */
export function setBackgroundTimeout(run: () => void, ms: number): ReturnType<typeof setTimeout> {
  const timer: unknown = setTimeout(run, ms)
  if (typeof timer === "object" && timer !== null && "unref" in timer && typeof timer.unref === "function")
    timer.unref()
  return timer as ReturnType<typeof setTimeout>
}

/**
 * Resolves with the promise's value, or with `fallback` after `ms` or on rejection; never rejects. Keeps a Node
 * process alive while it waits.
 */
export function withTimeout<T>(promise: Promise<T>, ms: number, fallback: T): Promise<T> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(fallback), ms)
    const settle = (value: T) => {
      clearTimeout(timer)
      resolve(value)
    }
    promise.then(settle, () => settle(fallback))
  })
}
