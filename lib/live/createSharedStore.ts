import type { StoreApi } from "zustand/vanilla"
import type { SharedStore } from "./Live"

/** A page that is left and come back to soon finds its store current. */
const LINGER_MS = 10_000

/** Runs `start` on the first retain and what it returned some seconds after the last release. */
export function createSharedStore<S>(
  store: StoreApi<S>,
  start: () => () => void,
  lingerMs = LINGER_MS,
): SharedStore<S> {
  let retained = 0
  let stop: (() => void) | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  return {
    store,
    retain() {
      clearTimeout(timer)
      retained++
      stop ??= start()
      let released = false
      return () => {
        if (released) return
        released = true
        if (--retained > 0) return
        timer = setTimeout(() => {
          stop?.()
          stop = undefined
        }, lingerMs)
      }
    },
  }
}
