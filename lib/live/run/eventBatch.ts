import type { TraceEvent } from "@/lib/protocol/events"
import { applyTraceEvent } from "@/lib/trace/view/applyTraceEvent"
import type { RunView } from "@/lib/trace/view/RunView"
import type { TurnBodies } from "./createTurnBodies"

/** What comes within about a frame of the last folding is folded together. */
const BATCH_MS = 16
/** So many events waiting are folded at once: in a hidden tab timers come late. */
const BATCH_EVENTS = 64

type BatchOptions = {
  view(): RunView
  bodies: TurnBodies
  serverNow(): number
  show(view: RunView, sawSnapshot: boolean): void
}

/**
 * Folds a run's events: one that comes alone at once, and what follows within a frame together, so that a store is set
 * once however many come.
 */
export function eventBatch({ view, bodies, serverNow, show }: BatchOptions) {
  let waiting: TraceEvent[] = []
  let timer: ReturnType<typeof setTimeout> | undefined
  let flushedAt = Number.NEGATIVE_INFINITY

  function flush() {
    clearTimeout(timer)
    timer = undefined
    if (waiting.length === 0) return
    flushedAt = performance.now()
    const events = waiting
    waiting = []
    let next = view()
    let sawSnapshot = false
    for (const event of events) {
      const before = next
      next = applyTraceEvent(next, event, serverNow())
      const { record } = event
      if (record.record === "snapshot") sawSnapshot = true
      if (next.generation !== before.generation) bodies.clear()
      if (record.record !== "turns" && record.record !== "snapshot") continue
      for (const turn of record.turns) bodies.put(turn)
    }
    show(next, sawSnapshot)
  }

  return {
    flush,
    take(event: TraceEvent) {
      waiting.push(event)
      if (waiting.length >= BATCH_EVENTS) return flush()
      if (timer !== undefined) return
      const leftMs = flushedAt + BATCH_MS - performance.now()
      // A hidden tab has its timers slowed to one a minute; a microtask is never late.
      const hidden = typeof document !== "undefined" && document.hidden
      if (!hidden && leftMs > 0) timer = setTimeout(flush, leftMs)
      else if (waiting.length === 1) queueMicrotask(flush)
    },
  }
}
