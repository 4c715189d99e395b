import { setPriority } from "node:os"
import { monitorEventLoopDelay } from "node:perf_hooks"
import { runJob } from "./jobs"
import type { FromChild, ToChild } from "./LoadProcess"
import { Signals } from "./Signals"

// The program of a load process. It has a lower priority than the server under test.
setPriority(10)

const send = (message: FromChild) => process.send?.(message)
let signals: Signals | undefined

process.on("message", (message: ToChild) => {
  if ("word" in message) {
    signals?.receive(message.word)
    return
  }
  const { job, address, params } = message
  signals = new Signals((word) => send({ word }))
  const delay = watchLoopDelay()
  runJob(job, address, params, signals).then(
    (result) => send({ result, loopDelayMs: delay.stop() }),
    (error) => send({ error: error instanceof Error ? String(error.stack) : String(error) }),
  )
})
process.on("disconnect", () => process.exit(0))

const RESOLUTION_MS = 10

/**
 * Measures this process's event-loop delay. `stop` returns the 99th percentile in ms, minus the timer's own interval.
 */
function watchLoopDelay(): { stop(): number } {
  const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  histogram.enable()
  return {
    stop() {
      histogram.disable()
      return Math.max(0, histogram.percentile(99) / 1e6 - RESOLUTION_MS)
    },
  }
}
