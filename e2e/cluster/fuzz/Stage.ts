import type { Connection } from "@/e2e/kit/Connection"
import type { Fleet } from "@/e2e/kit/model/Fleet"
import type { SeededRandom } from "@/e2e/kit/seededRandom"
import type { ListedRuns } from "./ListedRuns"
import type { LogWatch } from "./LogWatch"

/** A connection between a node and its database that can be disturbed. */
export type FaultyWire = {
  /** Holds traffic until `release`. */
  hold(): void
  release(): void
  /** Breaks every connection. */
  cut(): void
  /** Breaks every connection and refuses new ones until `up`. */
  down(): void
  up(): void
}

export type StageNode = {
  /** The node's connections for everything but notifications. */
  readonly wire: FaultyWire
  /** The node's connection for notifications. */
  readonly listenWire: FaultyWire
  /** How far the node's wall clock is ahead, ms; negative if it is behind. */
  skewMs: number
}

/** The nodes of a cluster, which can die and be restarted. */
export type StageNodes = {
  pick(random: SeededRandom): StageNode
  isRunning(node: StageNode): boolean
  /** Kills a node between two instructions: nothing that it sends afterwards arrives anywhere. */
  kill(node: StageNode): void
  /** Starts a killed node again, as a new process. */
  revive(node: StageNode): Promise<void>
  /** Stops a node gracefully, as a deployment does, and starts it again. Does nothing if the node isn't running. */
  restart(node: StageNode): Promise<void>
  /** Ends all faults: all nodes run, and all wires forward. */
  endFaults(): Promise<void>
}

/** What a seed acts on: nodes, and the agents, viewers and connections that use them. */
export type Stage = {
  readonly nodes: StageNodes
  readonly fleet: Fleet
  readonly lists: readonly ListedRuns[]
  /** A connection with the agents' token that takes over their runs. */
  readonly rival: Connection
  readonly log: LogWatch
  sleep(ms: number): Promise<void>
  /** Polls a condition. Throws with `what` after `timeoutMs`. */
  waitUntil(
    what: string | (() => string),
    condition: () => boolean | Promise<boolean>,
    timeoutMs: number,
  ): Promise<void>
}
