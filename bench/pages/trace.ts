import type { Tab } from "./Tab"

/** A task of a tab's main thread: its duration and its CPU time, ms. */
export type Task = { wallMs: number; cpuMs: number }

const MARK = "bench-main-thread"

type TraceEvent = { name: string; ph: string; pid: number; tid: number; dur?: number; tdur?: number }

/**
 * Records the tasks of a tab's main thread. The returned function ends the recording and returns the tasks, longest
 * first.
 */
export async function traceTasks(tab: Tab): Promise<() => Promise<Task[]>> {
  const { browser } = tab
  const events: TraceEvent[] = []
  let complete = () => {}
  const over = new Promise<void>((resolve) => {
    complete = resolve
  })
  const off = browser.on((method, params) => {
    if (method === "Tracing.dataCollected") events.push(...(params as { value: TraceEvent[] }).value)
    else if (method === "Tracing.tracingComplete") complete()
  })
  const includedCategories = ["disabled-by-default-devtools.timeline", "blink.user_timing"]
  await browser.send("Tracing.start", { transferMode: "ReportEvents", traceConfig: { includedCategories } })
  // Identifies the tab's thread among all others.
  await tab.evaluate(`performance.mark("${MARK}")`)
  return async () => {
    await browser.send("Tracing.end")
    await over
    off()
    await tab.evaluate(`performance.clearMarks()`)
    const main = events.find(({ name }) => name === MARK)
    return events
      .filter(
        ({ name, ph, pid, tid }) => name === "RunTask" && ph === "X" && pid === main?.pid && tid === main.tid,
      )
      .map(({ dur = 0, tdur = 0 }) => ({ wallMs: dur / 1_000, cpuMs: tdur / 1_000 }))
      .sort((a, b) => b.wallMs - a.wallMs)
  }
}
