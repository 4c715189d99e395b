/** How long a gap may last before the run is subscribed again. */
const GAP_MS = 2_000
/** How long a view may stay behind without any events before the stream is considered lost. */
const STALL_MS = 10_000
/** Each unsuccessful attempt doubles the wait, up to this. */
const MAX_WAIT_MS = 30_000

export type Watchdog = {
  /** Call after each batch of events. */
  check(view: { hasGap: boolean; isBehind: boolean }): void
  /** Call when there is nothing to watch: disconnected, or the run was deleted. */
  stop(): void
}

/** Calls `resubscribe` when a gap isn't closed in time, or when a view stays behind and no events arrive. */
export function watchdog(resubscribe: () => void): Watchdog {
  let timer: ReturnType<typeof setTimeout> | undefined
  let watching: "gap" | "stall" | undefined
  let attempts = 0

  function watch(cause: "gap" | "stall", waitMs: number) {
    clearTimeout(timer)
    watching = cause
    timer = setTimeout(
      () => {
        attempts++
        watching = undefined
        // Keep watching: the reply to this attempt may get lost, too.
        watch("stall", STALL_MS)
        resubscribe()
      },
      Math.min(MAX_WAIT_MS, waitMs * 2 ** attempts),
    )
  }

  function reset() {
    clearTimeout(timer)
    watching = undefined
    attempts = 0
  }

  return {
    check({ hasGap, isBehind }) {
      if (!hasGap && !isBehind) reset()
      else if (!hasGap) watch("stall", STALL_MS)
      else if (watching !== "gap") watch("gap", GAP_MS)
    },
    stop: reset,
  }
}
