import type { StoreFigures } from "@/server/store/RunStore"

/** How a node works with the others. */
export type ClusterFigures = {
  /** Nodes with a valid lease, this one included. */
  nodes: number
  notificationsSent: number
  notificationsReceived: number
  /** Runs of other nodes whose live data is held here. */
  remoteRuns: number
  leaseValid: boolean
}

/** The server's current state; read at each scrape. */
export type LiveFigures = {
  connections: number
  queuedBytes: number
  /** Subscriptions that have everything that was published, and those that don't. */
  subscribers: { live: number; behind: number }
  watches: number
  store: StoreFigures
  audit: { waiting: number; dropped: number }
  /** Absent for a server that is the only one. */
  cluster?: ClusterFigures | undefined
}
