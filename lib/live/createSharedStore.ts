import type { StoreApi } from "zustand/vanilla"
import type { SharedStore } from "./Live"

/**
 * How long a store stays up to date after its last release, so that a user can leave a page and return without loading
 * it again.
 */
const LINGER_MS = 10_000

/**
 * Creates a store that calls `start` on the first retain. The function that `start` returned is called `lingerMs` after
 * the last release, or synchronously if `lingerMs` is 0.
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
