import type { Clock } from "@/server/platform/Clock"

type Timer = { at: number; order: number; run: () => void }

/** A clock that only moves when a test advances it. */
export type FakeClock = Clock & {
  /** Advances time. Timers run in order, each at its own time. */
  advance(ms: number): void
  /** Like `advance`, but lets promises settle after each timer. */
  advanceAsync(ms: number): Promise<void>
  /** Changes only the wall clock. */
  jump(ms: number): void
  /** How many timers are pending. */
  readonly timers: number
}

/** Creates a clock that starts at 2026-01-01T00:00:00Z. */
export function fakeClock(start = Date.UTC(2026, 0, 1)): FakeClock {
  let elapsed = 0
  let shift = 0
  let order = 0
  const timers = new Set<Timer>()
  const nextUntil = (end: number): Timer | undefined => {
    const due = [...timers].filter((timer) => timer.at <= end)
    const [next] = due.sort((a, b) => a.at - b.at || a.order - b.order)
    if (next === undefined) return undefined
    timers.delete(next)
    elapsed = Math.max(elapsed, next.at)
    return next
  }
  return {
    now: () => start + shift + elapsed,
    monotonic: () => elapsed,
    setTimeout(run, ms) {
      const timer: Timer = { at: elapsed + Math.max(0, ms), order: order++, run }
      timers.add(timer)
      return timer
    },
    clearTimeout(timer) {
      timers.delete(timer as Timer)
    },
    advance(ms) {
      const end = elapsed + ms
      for (let next = nextUntil(end); next !== undefined; next = nextUntil(end)) next.run()
      elapsed = end
    },
    async advanceAsync(ms) {
      const end = elapsed + ms
      await settle()
      for (let next = nextUntil(end); next !== undefined; next = nextUntil(end)) {
        next.run()
        await settle()
      }
      elapsed = end
    },
    jump(ms) {
      shift += ms
    },
    get timers() {
      return timers.size
    },
  }
}

/** Waits until all promises that don't depend on timers or I/O have settled. */
export async function settle(): Promise<void> {
  await new Promise<void>((resolve) => setImmediate(resolve))
}
