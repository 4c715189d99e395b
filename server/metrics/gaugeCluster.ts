import { Gauge, type Registry } from "prom-client"
import type { ClusterFigures, LiveFigures } from "./LiveFigures"

/** Adds gauges for this node's state in its cluster. They have no values on a single server. */
export function gaugeCluster(registry: Registry, read: () => LiveFigures): void {
  const gauge = (name: string, help: string, value: (figures: ClusterFigures) => number) =>
    new Gauge({
      name,
      help,
      registers: [registry],
      collect() {
        const { cluster } = read()
        if (cluster !== undefined) this.set(value(cluster))
      },
    })
  gauge("turnline_cluster_nodes", "Nodes with a valid lease", ({ nodes }) => nodes)
  gauge("turnline_cluster_lease_valid", "1 while this node may write", ({ leaseValid }) =>
    leaseValid ? 1 : 0,
  )
  gauge(
    "turnline_cluster_remote_runs",
    "Runs of other nodes with data in this node's memory",
    ({ remoteRuns }) => remoteRuns,
  )
  gauge(
    "turnline_cluster_notifications_sent",
    "Notifications sent to other nodes",
    ({ notificationsSent }) => notificationsSent,
  )
  gauge(
    "turnline_cluster_notifications_received",
    "Notifications from other nodes",
    ({ notificationsReceived }) => notificationsReceived,
  )
}
