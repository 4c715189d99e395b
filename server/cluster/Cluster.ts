import type { Fanout } from "@/server/fanout/Fanout"
import type { ClusterFigures } from "@/server/metrics/LiveFigures"
import type { GraceParts, GracePeriods } from "@/server/registry/GracePeriods"
import type { LiveRun } from "@/server/registry/live/LiveRun"
import type { LiveRuns } from "@/server/registry/live/LiveRuns"
import { NO_REMOTE_RUNS, type RemoteRuns } from "@/server/registry/live/RemoteRun"
import type { RegistryListener } from "@/server/registry/RegistryEvents"

/** The parts of this server that must be notified when another node has changed something. */
export type ClusterTargets = {
  fanout: RegistryListener & Pick<Fanout, "followed" | "isWatched" | "onGap">
  /** Publishes a run of this node whose stored row another node has changed. */
  onStoredChange(run: LiveRun): void
  /** Ends a session that was signed out on another node. */
  endSession(sha256: string): void
  /** Called when this node was declared dead: other nodes continue its foreign runs. */
  onGone(): void
  /** Open connections per token, on this node. */
  connectionsPerToken(): ReadonlyMap<string, number>
}

/**
 * Cooperation with the other nodes. For a single server, all methods are no-ops, so the rest of the server doesn't depend
 * on the number of nodes.
 */
export interface Cluster {
  /** Publishes this node's changes to the others. */
  readonly listener: RegistryListener
  readonly remoteRuns: RemoteRuns
  createGracePeriods?(parts: GraceParts): GracePeriods
  /** Starts exchanging changes with the other nodes. */
  open(targets: ClusterTargets): Promise<void>
  /** Returns why this node can't accept writes at the moment; undefined if it can. */
  problem(): string | undefined
  /** Returns how many connections on other nodes use a token. */
  connectionsElsewhere(tokenId: string): number
  /** Publishes that a session was signed out here. */
  onSessionEnd(sha256: string): void
  figures(): ClusterFigures | undefined
  /** Releases this node's runs, so that other nodes can take them over, and leaves the cluster. */
  close(): Promise<void>
}

/** Creates the cluster of the nodes that share a store. */
export type CreateCluster = (parts: { live: LiveRuns }) => Cluster

const IGNORE: RegistryListener = {
  turnsStored: () => {},
  follows: () => false,
  runChanged: () => {},
  progressChanged: () => {},
  runEnded: () => {},
  runDeleted: () => {},
}

/** The cluster of a server that doesn't share its store. */
export const SINGLE_NODE: Cluster = {
  listener: IGNORE,
  remoteRuns: NO_REMOTE_RUNS,
  open: async () => {},
  problem: () => undefined,
  connectionsElsewhere: () => 0,
  onSessionEnd: () => {},
  figures: () => undefined,
  close: async () => {},
}
