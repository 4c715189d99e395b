import type { AgentOutcome, ChildLink } from "@/lib/agent/AgentTurn"
import type { TurnInput } from "@/lib/protocol/turn"
import type { Transport } from "./AgentConnection"
import type { StartPayload, UpdatePayload } from "./DeliveryOptions"
import type { Route } from "./nodePlatform"
import type { RunDelivery } from "./RunDelivery"
import { wireTurn } from "./TurnQueue"

/** What a process hasn't delivered when it exits, with everything another process needs to deliver it. */
export type ExitDelivery = {
  /** The server's address, including the base path. */
  url: string
  auth: object
  /** The transports to try, in this order. */
  transports: readonly Transport[]
  /** A proxy and TLS options for connections, if there are any. */
  route: Route
  /** Parents come before their children. */
  runs: UndeliveredRun[]
}

type UndeliveredRun = {
  start: StartPayload | { run_id: string }
  /** The position in `runs` of the run's parent, if the parent hasn't started yet. */
  parent?: number
  update?: UpdatePayload
  batches: UndeliveredBatch[]
  /** The index of the first turn, for a run that skips turns that the server already has. */
  position?: number
  /** The first batches may already be stored as a single batch with this key at this index. */
  inDoubt?: { key: string; index: number; turns: number }
  /** Undefined for a run that stays open. */
  outcome?: AgentOutcome
  /** Set if the outcome is only inferred, because the run may be replayed again. */
  inferred?: true
}

type UndeliveredBatch = {
  key: string
  turns: TurnInput[]
  /** Turns that handed off to a run that hasn't started yet: the turn's position, and the run's position in `runs`. */
  children?: [turn: number, run: number][]
}

/**
 * Collects what a run hasn't delivered. Batches keep their keys, so nothing that the server already has is stored twice.
 *
 * @param places the position of each run in the list.
 */
export function undeliveredRun(
  delivery: RunDelivery,
  outcome: AgentOutcome | undefined,
  places: ReadonlyMap<ChildLink, number>,
): UndeliveredRun {
  const { start, queue, parent, indexedTurns } = delivery.options
  const { runId, pendingUpdate } = delivery
  const { inDoubt } = queue
  const end = delivery.outcome ?? outcome
  const place = parent === undefined || runId !== undefined ? undefined : places.get(parent)
  return {
    start: runId !== undefined ? { run_id: runId } : withParent(start, parent?.runId),
    ...(place !== undefined && parent?.runId === undefined && { parent: place }),
    ...(pendingUpdate !== undefined && { update: pendingUpdate }),
    batches: [...queue.batches()].map(({ key, turns }) => {
      const children = turns.flatMap(({ child }, turn) => {
        const run = child === undefined || child.runId !== undefined ? undefined : places.get(child)
        return run === undefined ? [] : [[turn, run] as [number, number]]
      })
      return { key, turns: turns.map(wireTurn), ...(children.length > 0 && { children }) }
    }),
    ...(indexedTurns && { position: delivery.turns.position }),
    ...(inDoubt?.index !== undefined && {
      inDoubt: { key: inDoubt.key, index: inDoubt.index, turns: inDoubt.turns.length },
    }),
    ...(end !== undefined && { outcome: end }),
    ...(indexedTurns && delivery.outcome === undefined && { inferred: true }),
  }
}

function withParent(start: UndeliveredRun["start"], run_id: string | undefined): UndeliveredRun["start"] {
  return run_id === undefined || "run_id" in start ? start : { ...start, parent: { ...start.parent, run_id } }
}
