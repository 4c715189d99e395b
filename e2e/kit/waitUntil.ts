import { setTimeout as sleep } from "node:timers/promises"

/** Polls a condition. Throws with `what` after `timeoutMs`. */
export async function waitUntil(
  what: string | (() => string),
  condition: () => boolean | Promise<boolean>,
  timeoutMs = 30_000,
): Promise<void> {
  const end = performance.now() + timeoutMs
  while (!(await condition())) {
    if (performance.now() > end)
      throw new Error(`not within ${timeoutMs} ms: ${typeof what === "string" ? what : what()}`)
    await sleep(20)
  }
}
