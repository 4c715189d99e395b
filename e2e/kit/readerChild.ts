import { createHash } from "node:crypto"
import { ModelViewer } from "@/e2e/kit/model/ModelViewer"

/** The reply of a viewer process to a query. */
export type ReaderReport = {
  views: { run_id: string; cursor: number; digest: string; ended: boolean; subscriptions: number }[]
  violations: string[]
  connects: number
  /** Open connections. */
  connected: number
}

// One connection per viewer, so that every run has its own queue in the server.
const { url, token, runs } = JSON.parse(process.argv[2] ?? "{}") as {
  url: string
  token: string
  runs: string[]
}
const viewers = runs.map((run_id) => {
  const viewer = new ModelViewer({ url, token })
  viewer.follow(run_id)
  return viewer
})

function report(): ReaderReport {
  const views = viewers
    .flatMap((viewer) => [...viewer.views.values()])
    .map(({ run_id, cursor, digests, ended, subscriptions }) => ({
      run_id,
      cursor,
      ended,
      subscriptions,
      digest: createHash("sha256").update(digests.join("")).digest("hex"),
    }))
  return {
    views,
    violations: viewers.flatMap((viewer) => viewer.violations),
    connects: viewers.reduce((sum, viewer) => sum + viewer.connection.connects, 0),
    connected: viewers.filter((viewer) => viewer.connection.socket.connected).length,
  }
}

process.on("message", () => process.send?.(report()))
process.on("disconnect", () => process.exit(0))
