import type { Page } from "@playwright/test"

/** A task of the page's main thread: CPU time and duration, ms. `mark` is the last mark set before its end. */
export type PageTask = { cpuMs: number; wallMs: number; mark: string }

type TraceEvent = {
  name: string
  ph: string
  pid: number
  tid: number
  ts: number
  dur?: number
  tdur?: number
}

const BEGIN = "trace-begins"

/**
 * Records the tasks of a page's main thread. The returned function ends the recording and returns the tasks, longest
 * first. CPU time is independent of the machine's load. Chromium only.
 */
export async function traceTasks(page: Page): Promise<() => Promise<PageTask[]>> {
  const session = await page.context().newCDPSession(page)
  const events: TraceEvent[] = []
  session.on("Tracing.dataCollected", ({ value }) => events.push(...(value as unknown as TraceEvent[])))
  const complete = new Promise<void>((resolve) => session.once("Tracing.tracingComplete", () => resolve()))
  const includedCategories = ["disabled-by-default-devtools.timeline", "blink.user_timing"]
  await session.send("Tracing.start", { transferMode: "ReportEvents", traceConfig: { includedCategories } })
  await page.evaluate((name) => void performance.mark(name), BEGIN)
  return async () => {
    await session.send("Tracing.end")
    await complete
    await session.detach()
    const begin = events.find(({ name }) => name === BEGIN)
    const mine = events.filter(({ pid, tid }) => pid === begin?.pid && tid === begin.tid)
    const marks = mine.filter(({ ph }) => ph === "R" || ph === "I" || ph === "i").sort((a, b) => a.ts - b.ts)
    return mine
      .filter(({ name, ph }) => name === "RunTask" && ph === "X")
      .map(({ ts, dur = 0, tdur = 0 }) => ({
        cpuMs: tdur / 1_000,
        wallMs: dur / 1_000,
        mark: marks.filter((one) => one.ts <= ts + dur && one.name.startsWith("turn ")).at(-1)?.name ?? "",
      }))
      .sort((a, b) => b.cpuMs - a.cpuMs)
  }
}
