import { monitorEventLoopDelay } from "node:perf_hooks"

const RESOLUTION_MS = 10

/**
 * Measures this process's event-loop delay. `stop` returns the 99th percentile in ms, minus the timer's own interval.
 */
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
