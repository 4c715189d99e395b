import type { Fanout } from "@/server/fanout/Fanout"
import type { ClusterFigures } from "@/server/metrics/LiveFigures"
import type { GraceParts, GracePeriods } from "@/server/registry/GracePeriods"
import type { LiveRun } from "@/server/registry/live/LiveRun"
import type { LiveRuns } from "@/server/registry/live/LiveRuns"
import { NO_REMOTE_RUNS, type RemoteRuns } from "@/server/registry/live/RemoteRun"
import type { RegistryListener } from "@/server/registry/RegistryEvents"

/** What the cluster changes in this server when another node has changed something. */
export type ClusterTargets = {
  fanout: RegistryListener & Pick<Fanout, "followed" | "isWatched">
  /** Publishes a run of this node whose stored row another node has changed. */
  onStoredChange(run: LiveRun): void
  /** Ends a session that was signed out on another node. */
  endSession(sha256: string): void
  /** This node was declared dead: other nodes continue its foreign runs. */
  onGone(): void
  /** Open connections per token, on this node. */
  connectionsPerToken(): ReadonlyMap<string, number>
}

/**
 * How this server works with other nodes. With one node nothing of it does anything, so the rest of the server never asks
 * whether there are more.
 */
export interface Cluster {
  /** Publishes this node's changes to the others. */
  readonly listener: RegistryListener
  readonly remoteRuns: RemoteRuns
  createGracePeriods?(parts: GraceParts): GracePeriods
  /** Starts to exchange changes with the other nodes. */
  open(targets: ClusterTargets): Promise<void>
  /** Why this node can't work now; undefined if it can. */
  problem(): string | undefined
  /** Connections with a token on other nodes. */
  connectionsElsewhere(tokenId: string): number
  /** Publishes that a session was signed out here. */
  onSessionEnd(sha256: string): void
  figures(): ClusterFigures | undefined
  /** Hands this node's runs over to the others and leaves. */
  close(): Promise<void>
}

/** Makes the cluster that a store is shared by. */
export type CreateCluster = (parts: { live: LiveRuns }) => Cluster

const IGNORE: RegistryListener = {
  turnsStored: () => {},
  follows: () => false,
  runChanged: () => {},
  progressChanged: () => {},
  runEnded: () => {},
  runDeleted: () => {},
}

/** A server that is the only one on its store. */
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
