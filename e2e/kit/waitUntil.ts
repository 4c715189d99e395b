import { setTimeout as sleep } from "node:timers/promises"

const POLL_MS = 20
/** The interval with another clock. A shorter one may take longer to poll than the time that passes on that clock. */
const POLL_BY_OTHER_CLOCK_MS = 60

/** Polls a condition. Throws with `what` after `timeoutMs`. `pause` waits with another clock than the system's. */
export async function waitUntil(
  what: string | (() => string),
  condition: () => boolean | Promise<boolean>,
  timeoutMs = 30_000,
  pause?: (ms: number) => Promise<void>,
): Promise<void> {
  const end = performance.now() + timeoutMs
  let pausedMs = 0
  while (!(await condition())) {
    if (pause === undefined ? performance.now() > end : pausedMs > timeoutMs)
      throw new Error(`not within ${timeoutMs} ms: ${typeof what === "string" ? what : what()}`)
    if (pause === undefined) await sleep(POLL_MS)
    else await pause(POLL_BY_OTHER_CLOCK_MS)
    pausedMs += POLL_BY_OTHER_CLOCK_MS
  }
}
