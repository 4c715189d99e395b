import type { AgentOutcome, ChildLink } from "@/lib/agent/AgentTurn"
import type { TurnInput } from "@/lib/protocol/turn"
import type { Transport } from "./AgentConnection"
import type { StartPayload, UpdatePayload } from "./DeliveryOptions"
import type { Route } from "./nodePlatform"
import type { RunDelivery } from "./RunDelivery"
import { wireTurn } from "./TurnQueue"

/** What a process hasn't delivered when it exits, with everything another process needs to deliver it. */
export type LastWords = {
  /** The server's address, including the base path. */
  url: string
  auth: object
  /** Those to try, in this order. */
  transports: readonly Transport[]
  /** How connections are made, unless directly. */
  route: Route
  /** Parents before their children. */
  runs: LastRun[]
}

type LastRun = {
  start: StartPayload | { run_id: string }
  /** The run's parent that wasn't started yet, by its place in `runs`. */
  parent?: number
  update?: UpdatePayload
  batches: LastBatch[]
  /** The index of the first turn, for a run that skips turns which the server has. */
  position?: number
  /** The first batches may be stored already, as one with this key at this index. */
  inDoubt?: { key: string; index: number; turns: number }
  outcome: AgentOutcome
  /** The outcome is only assumed: the run may be replayed again. */
  inferred?: true
}

type LastBatch = {
  key: string
  turns: TurnInput[]
  /** Turns that handed off to a run that wasn't started yet: their places, and that of the run in `runs`. */
  children?: [turn: number, run: number][]
}

/**
 * Collects what runs haven't delivered. Keys are kept, so whatever the server already has isn't stored twice.
 *
 * @param places the place of each run in the list.
 */
export function lastRun(
  delivery: RunDelivery,
  outcome: AgentOutcome,
  places: ReadonlyMap<ChildLink, number>,
): LastRun {
  const { start, queue, parent, indexedTurns } = delivery.options
  const { runId, pendingUpdate } = delivery
  const { inDoubt } = queue
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
    ...(indexedTurns && { position: delivery.position }),
    ...(inDoubt?.index !== undefined && {
      inDoubt: { key: inDoubt.key, index: inDoubt.index, turns: inDoubt.turns.length },
    }),
    outcome: delivery.outcome ?? outcome,
    ...(indexedTurns && delivery.outcome === undefined && { inferred: true }),
  }
}

function withParent(start: LastRun["start"], run_id: string | undefined): LastRun["start"] {
  return run_id === undefined || "run_id" in start ? start : { ...start, parent: { ...start.parent, run_id } }
}
