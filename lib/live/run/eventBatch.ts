import type { TraceEvent } from "@/lib/protocol/events"
import { applyTraceEvent } from "@/lib/trace/view/applyTraceEvent"
import type { RunView } from "@/lib/trace/view/RunView"
import type { TurnBodies } from "./createTurnBodies"

/** Events that arrive within about a frame of the last update are applied together. */
const BATCH_MS = 16
/** As soon as this many events are waiting, they are applied, because timers of hidden tabs are late. */
const MAX_BATCH_EVENTS = 64

type BatchOptions = {
  view(): RunView
  bodies: TurnBodies
  serverNow(): number
  onUpdate(view: RunView, hasSnapshot: boolean): void
}

/**
 * Applies a run's events to its view: a single event immediately, and those that follow within a frame together, so that
 * the store is updated once per frame.
 */
export function eventBatch({ view, bodies, serverNow, onUpdate }: BatchOptions) {
  let queue: TraceEvent[] = []
  let timer: ReturnType<typeof setTimeout> | undefined
  let flushedAt = Number.NEGATIVE_INFINITY

  function flush() {
    clearTimeout(timer)
    timer = undefined
    if (queue.length === 0) return
    flushedAt = performance.now()
    const events = queue
    queue = []
    let next = view()
    let hasSnapshot = false
    for (const event of events) {
      const before = next
      next = applyTraceEvent(next, event, serverNow())
      const { record } = event
      if (record.record === "snapshot") hasSnapshot = true
      if (next.generation !== before.generation) bodies.clear()
      if (record.record !== "turns" && record.record !== "snapshot") continue
      for (const turn of record.turns) bodies.put(turn)
    }
    onUpdate(next, hasSnapshot)
  }

  return {
    flush,
    add(event: TraceEvent) {
      queue.push(event)
      if (queue.length >= MAX_BATCH_EVENTS) return flush()
      if (timer !== undefined) return
      const leftMs = flushedAt + BATCH_MS - performance.now()
      // Browsers throttle timers of hidden tabs to one a minute, but not microtasks.
      const hidden = typeof document !== "undefined" && document.hidden
      if (!hidden && leftMs > 0) timer = setTimeout(flush, leftMs)
      else if (queue.length === 1) queueMicrotask(flush)
    },
  }
}
