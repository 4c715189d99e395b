import type { Clock } from "@/server/platform/Clock"

type Timer = { at: number; order: number; run: () => void }

/** A clock that stands still until it is told to go on. */
export type FakeClock = Clock & {
  /** Lets time pass; timers run in the order in which they are due, each at its own time. */
  advance(ms: number): void
  /** Lets time pass as `advance`, and promises settle after each timer. */
  advanceAsync(ms: number): Promise<void>
  /** Moves the wall clock alone, as an administrator may. */
  jump(ms: number): void
  /** Timers that wait. */
  readonly timers: number
}

/** Makes a clock that begins at 2026-01-01T00:00:00Z. */
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

/** Waits until every promise that can settle without the outside has settled. */
export async function settle(): Promise<void> {
  await new Promise<void>((resolve) => setImmediate(resolve))
}
