/** Calls `callback` once, a fixed time after the first of several calls to `schedule`. */
export function createDelay(ms: number, callback: () => void) {
  let timer: ReturnType<typeof setTimeout> | undefined
  return {
    schedule() {
      timer ??= setTimeout(() => {
        timer = undefined
        callback()
      }, ms)
    },
    cancel() {
      clearTimeout(timer)
      timer = undefined
    },
  }
}
