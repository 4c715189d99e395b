import { createStore } from "zustand/vanilla"
import type { LiveConnection } from "@/lib/live/connection/createConnection"
import { watchdog } from "@/lib/live/connection/watchdog"
import { createSharedStore } from "@/lib/live/createSharedStore"
import type { FollowedRun } from "@/lib/live/Live"
import { wireError } from "@/lib/protocol/codes"
import type { TraceEvent } from "@/lib/protocol/events"
import { emptyView, gapOf } from "@/lib/trace/view/RunView"
import { createTurnBodies, type FetchTurns } from "./createTurnBodies"
import { eventBatch } from "./eventBatch"
import type { FollowState } from "./FollowState"
import { runSubscription } from "./runSubscription"

/** A followed run, and the callbacks for its events. */
export type Following = FollowedRun & {
  onTraceEvent(event: TraceEvent): void
  onDeleted(): void
}

export type FollowHooks = {
  onStart(run: Following): void
  onStop(run: Following): void
  knownCursor(): number | undefined
}

/**
 * Follows one run while its store is retained: reads the newest outlines of a long run, subscribes at their cursor,
 * applies events in batches, and resubscribes from the view's cursor if events are missing.
 */
export function followRun(runId: string, connection: LiveConnection, hooks: FollowHooks): Following {
  const store = createStore<FollowState>(() => ({
    phase: "loading",
    view: emptyView(runId),
    subscribed: false,
    error: undefined,
  }))
  const bodies = createTurnBodies(fetchFrom(runId, connection))
  const subscription = runSubscription({ runId, connection, store, knownCursor: hooks.knownCursor })
  const gapWatchdog = watchdog(subscription.resubscribe)
  const batch = eventBatch({
    bodies,
    view: () => store.getState().view,
    serverNow: connection.clock.now,
    onUpdate(view, hasSnapshot) {
      store.setState({
        view,
        ...(hasSnapshot && { phase: "following", subscribed: true, error: undefined }),
      })
      gapWatchdog.check({ hasGap: gapOf(view) !== undefined, isBehind: view.cursor < view.runCursor })
    },
  })

  function pause() {
    batch.flush()
    gapWatchdog.stop()
    subscription.stop()
    store.setState({ subscribed: false })
  }

  function start(): () => void {
    hooks.onStart(following)
    const stopConnect = connection.onConnect(() => {
      subscription.start()
      bodies.retryFailed()
    })
    const stopDisconnect = connection.onDisconnect(pause)
    return () => {
      stopConnect()
      stopDisconnect()
      pause()
      hooks.onStop(following)
      void connection.request("runs.unsubscribe", { run_id: runId })
    }
  }

  const following: Following = {
    ...createSharedStore(store, start),
    runId,
    body: bodies.read,
    onBody: bodies.on,
    requestBody: bodies.request,
    async loadWhole(index) {
      const result = await connection.request("runs.get_turn", { run_id: runId, index })
      if (result.ok) bodies.put(result.turn, true)
      return result
    },
    onTraceEvent: batch.add,
    onDeleted() {
      batch.flush()
      gapWatchdog.stop()
      subscription.fail(wireError("not_found", "This run has been deleted."))
    },
  }
  return following
}

function fetchFrom(runId: string, connection: LiveConnection): FetchTurns {
  return async (cursor, limit) => {
    const page = await connection.request("runs.get_trace", { run_id: runId, cursor, limit })
    if (!page.ok) return page
    const turns = page.records.flatMap((line) => {
      if (line.record !== "turn") return []
      const { record, ...turn } = line
      return [turn]
    })
    return { ok: true, turns }
  }
}
