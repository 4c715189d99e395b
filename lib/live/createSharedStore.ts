import type { StoreApi } from "zustand/vanilla"
import type { SharedStore } from "./Live"

/** Lets a user leave a page and return without loading it again. */
const LINGER_MS = 10_000

/**
 * Calls `start` on the first retain, and the function that it returned `lingerMs` after the last release, synchronously
 * if that is 0.
 */
export function createSharedStore<S>(
  store: StoreApi<S>,
  start: () => () => void,
  lingerMs = LINGER_MS,
): SharedStore<S> {
  let retainCount = 0
  let stop: (() => void) | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  const end = () => {
    stop?.()
    stop = undefined
  }
  return {
    store,
    retain() {
      clearTimeout(timer)
      retainCount++
      stop ??= start()
      let released = false
      return () => {
        if (released) return
        released = true
        if (--retainCount > 0) return
        if (lingerMs === 0) end()
        else timer = setTimeout(end, lingerMs)
      }
    },
  }
}
