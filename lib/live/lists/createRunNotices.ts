import type { Live } from "@/lib/live/Live"
import type { RunSummary } from "@/lib/protocol/run"
import { type RunNotice, runNotice } from "@/lib/trace/state/runNotice"

export type RunNotices = {
  /** Replaces the set of followed runs. */
  follow(runIds: readonly string[]): void
  close(): void
}

export type RunNoticeHandlers = {
  onNotice(notice: RunNotice, run: RunSummary): void
  /** Called when the run has ended or was deleted: there won't be more notices. */
  onOver(runId: string): void
}

/** Subscribes to followed runs, whether they are visible or not, and reports when a run waits, fails or ends. */
export function createRunNotices(
  live: Pick<Live, "followRun" | "serverNow">,
  { onNotice, onOver }: RunNoticeHandlers,
): RunNotices {
  const subscriptions = new Map<string, () => void>()

  function subscribe(runId: string): () => void {
    const followed = live.followRun(runId)
    let before: RunSummary | undefined
    const check = () => {
      const { view, phase, error } = followed.store.getState()
      const { run } = view
      if (phase === "error" && error?.code === "not_found") return onOver(runId)
      // The view shows the end of a run only once all turns before it have arrived.
      if (run === undefined || run === before) return
      const notice = runNotice(before, run, live.serverNow())
      before = run
      if (notice !== undefined) onNotice(notice, run)
      if (run.status !== "in_progress") onOver(runId)
    }
    const release = followed.retain()
    const unsubscribe = followed.store.subscribe(check)
    check()
    return () => {
      unsubscribe()
      release()
    }
  }

  return {
    follow(runIds) {
      const wanted = new Set(runIds)
      for (const [runId, unsubscribe] of subscriptions) {
        if (wanted.has(runId)) continue
        subscriptions.delete(runId)
        unsubscribe()
      }
      for (const runId of wanted) {
        if (subscriptions.has(runId)) continue
        // Registered before `subscribe` is called: for a run that has ended, `subscribe` calls `onOver`, and `onOver`
        // may call `follow` again.
        subscriptions.set(runId, () => undefined)
        const unsubscribe = subscribe(runId)
        if (subscriptions.has(runId)) subscriptions.set(runId, unsubscribe)
        else unsubscribe()
      }
    },
    close() {
      for (const unsubscribe of subscriptions.values()) unsubscribe()
      subscriptions.clear()
    },
  }
}
