import type { StoreFigures } from "@/server/store/RunStore"

/** The state of a node in its cluster. */
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
  /** `live`: subscriptions that have everything that was published; `behind`: the others. */
  subscribers: { live: number; behind: number }
  watches: number
  store: StoreFigures
  audit: { waiting: number; dropped: number }
  /** Undefined for a single server. */
  cluster?: ClusterFigures | undefined
}
