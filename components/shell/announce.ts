import { createStore } from "zustand/vanilla"

/** What the page's one polite live region says. */
export const announcement = createStore<{ text: string }>(() => ({ text: "" }))

const COALESCE_MS = 3_000
const waiting = new Map<string, number>()
let timer: ReturnType<typeof setTimeout> | undefined

/** Adds to what is said next: `announce("new turn", 5)` and `announce("error", 1)` become "5 new turns, 1 error". */
export function announce(what: string, count: number): void {
  if (!(count > 0)) return
  waiting.set(what, (waiting.get(what) ?? 0) + count)
  if (timer !== undefined) return
  timer = setTimeout(() => {
    timer = undefined
    announcement.setState({ text: sayCounts(waiting) })
    waiting.clear()
  }, COALESCE_MS)
}

/** Counts in words, in the order in which they first came. */
export function sayCounts(counts: ReadonlyMap<string, number>): string {
  return [...counts].map(([what, count]) => `${count} ${what}${count === 1 ? "" : "s"}`).join(", ")
}
