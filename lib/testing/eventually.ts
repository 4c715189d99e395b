import { vi } from "vitest"

/** Long enough for a slow and busy machine. A passing check never waits for it. */
const TIMEOUT_MS = 30_000

/** Repeats a check until it no longer throws, and returns its result. After 30 seconds, throws the check's last error. */
export function eventually<T>(check: () => T | Promise<T>, intervalMs = 20): Promise<T> {
  return vi.waitFor(check, { timeout: TIMEOUT_MS, interval: intervalMs })
}
