import type { StoreFigures } from "@/server/store/RunStore"

/** The state of a node in its cluster. */
export type ClusterFigures = {
  /** The number of nodes with a valid lease, including this node. */
  nodes: number
  notificationsSent: number
  notificationsReceived: number
  /** The number of runs of other nodes whose live data this node holds. */
  remoteRuns: number
  leaseValid: boolean
}

/** The server's current state; read at each scrape. */
export type LiveFigures = {
  connections: number
  queuedBytes: number
  /**
   * `live`: the number of subscriptions that have received everything that was published; `behind`: the number of other
   * subscriptions.
   */
  subscribers: { live: number; behind: number }
  watches: number
  store: StoreFigures
  audit: { waiting: number; dropped: number }
  /** Undefined for a single server. */
  cluster?: ClusterFigures | undefined
}
