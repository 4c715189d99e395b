import type { Live } from "@/lib/live/Live"
import type { RunSummary } from "@/lib/protocol/run"
import { type RunNotice, runNotice } from "@/lib/trace/state/runNotice"

export type RunNotices = {
  /** From now on exactly these runs are listened to. */
  follow(runIds: readonly string[]): void
  close(): void
}

export type RunNoticeHooks = {
  raise(notice: RunNotice, run: RunSummary): void
  /** A run that has ended, or is gone, has nothing more to say. */
  over(runId: string): void
}

/** Listens to followed runs, shown or not, and tells what is worth telling of each. */
export function createRunNotices(
  live: Pick<Live, "followRun" | "serverNow">,
  hooks: RunNoticeHooks,
): RunNotices {
  const listening = new Map<string, () => void>()

  function listen(runId: string): () => void {
    const followed = live.followRun(runId)
    let before: RunSummary | undefined
    const look = () => {
      const { view, phase, error } = followed.store.getState()
      const { run } = view
      if (phase === "error" && error?.code === "not_found") return hooks.over(runId)
      // Until every turn before an end is here the view does not show it; nor is it told before.
      if (run === undefined || run === before) return
      const notice = runNotice(before, run, live.serverNow())
      before = run
      if (notice !== undefined) hooks.raise(notice, run)
      if (run.status !== "in_progress") hooks.over(runId)
    }
    const release = followed.retain()
    const off = followed.store.subscribe(look)
    look()
    return () => {
      off()
      release()
    }
  }

  return {
    follow(runIds) {
      const wanted = new Set(runIds)
      for (const [runId, stop] of listening) {
        if (wanted.has(runId)) continue
        listening.delete(runId)
        stop()
      }
      for (const runId of wanted) {
        if (listening.has(runId)) continue
        // Put down first: a run that is over already says so while it is being listened to.
        listening.set(runId, () => undefined)
        const stop = listen(runId)
        if (listening.has(runId)) listening.set(runId, stop)
        else stop()
      }
    },
    close() {
      for (const stop of listening.values()) stop()
      listening.clear()
    },
  }
}
