import { monitorEventLoopDelay } from "node:perf_hooks"

const RESOLUTION_MS = 10

/** Watches how late this process's event loop is; `stop` gives the 99th percentile, ms, the timer's own interval taken off. */
export function watchLoopDelay(): { stop(): number } {
  const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  histogram.enable()
  return {
    stop() {
      histogram.disable()
      return Math.max(0, histogram.percentile(99) / 1e6 - RESOLUTION_MS)
    },
  }
}
