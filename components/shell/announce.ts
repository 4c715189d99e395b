import { createStore } from "zustand/vanilla"

/** The text of the page's live region. */
export const announcement = createStore<{ text: string }>(() => ({ text: "" }))

const COALESCE_MS = 3_000
const pending = new Map<string, number>()
let timer: ReturnType<typeof setTimeout> | undefined

/**
 * Announces a count to screen readers. Calls within 3 s are merged into one announcement: `announce("new turn", 5)` and
 * `announce("error", 1)` become "5 new turns, 1 error".
 */
export function announce(what: string, count: number): void {
  if (!(count > 0)) return
  pending.set(what, (pending.get(what) ?? 0) + count)
  if (timer !== undefined) return
  timer = setTimeout(() => {
    timer = undefined
    announcement.setState({ text: countsText(pending) })
    pending.clear()
  }, COALESCE_MS)
}

/** Announces the result of a command to screen readers, without waiting for counts. */
export function announceResult(text: string): void {
  announcement.setState({ text })
}

/** Returns the counts as one phrase, in insertion order. */
export function countsText(counts: ReadonlyMap<string, number>): string {
  return [...counts].map(([what, count]) => `${count} ${what}${count === 1 ? "" : "s"}`).join(", ")
}
