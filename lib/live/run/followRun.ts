import { createStore } from "zustand/vanilla"
import type { LiveConnection } from "@/lib/live/connection/createConnection"
import { watchdog } from "@/lib/live/connection/watchdog"
import { createSharedStore } from "@/lib/live/createSharedStore"
import type { FollowedRun } from "@/lib/live/Live"
import { wireError } from "@/lib/protocol/codes"
import type { TraceEvent } from "@/lib/protocol/events"
import { emptyView, holeOf } from "@/lib/trace/view/RunView"
import { createTurnBodies, type FetchTurns } from "./createTurnBodies"
import { eventBatch } from "./eventBatch"
import type { FollowState } from "./FollowState"
import { runSubscription } from "./runSubscription"

/** A followed run and the door by which its events come in. */
export type Following = FollowedRun & {
  take(event: TraceEvent): void
  /** The server ended the subscription: the run was deleted. */
  drop(): void
}

export type FollowHooks = {
  started(run: Following): void
  stopped(run: Following): void
  knownCursor(): number | undefined
}

/**
 * Follows one run while it is retained: reads the newest outlines of a long one, subscribes at their cursor, folds what
 * comes in batches, and heals by subscribing again with its cursor.
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
  const dog = watchdog(subscription.heal)
  const batch = eventBatch({
    bodies,
    view: () => store.getState().view,
    serverNow: connection.clock.now,
    show(view, sawSnapshot) {
      store.setState({
        view,
        ...(sawSnapshot && { phase: "following", subscribed: true, error: undefined }),
      })
      dog.look({ hole: holeOf(view) !== undefined, behind: view.cursor < view.runCursor })
    },
  })

  function pause() {
    batch.flush()
    dog.rest()
    subscription.stop()
    store.setState({ subscribed: false })
  }

  function start(): () => void {
    hooks.started(following)
    const offUp = connection.onUp(() => {
      subscription.begin()
      bodies.wantAgain()
    })
    const offDown = connection.onDown(pause)
    return () => {
      offUp()
      offDown()
      pause()
      hooks.stopped(following)
      void connection.request("runs.unsubscribe", { run_id: runId })
    }
  }

  const following: Following = {
    ...createSharedStore(store, start),
    runId,
    body: bodies.read,
    onBody: bodies.on,
    wantBody: bodies.want,
    async loadWhole(index) {
      const answer = await connection.request("runs.get_turn", { run_id: runId, index })
      if (answer.ok) bodies.put(answer.turn, true)
      return answer
    },
    take: batch.take,
    drop() {
      batch.flush()
      dog.rest()
      subscription.refuse(wireError("not_found", "This run has been deleted."))
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
