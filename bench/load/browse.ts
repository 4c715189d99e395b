import type { PeerAddress } from "@/bench/peers/startPeer"
import { percentile } from "@/bench/statistics"
import { openMany } from "./Swarm"

export type Query = { command: "runs.list" | "runs.search_turns"; payload: Record<string, unknown> }
export type BrowseParams = { queries: Query[]; times: number }
export type BrowseResult = { p50Ms: number; p99Ms: number; found: number }

/** Runs each query `times` times, one after the other. */
export async function browse(address: PeerAddress, params: BrowseParams): Promise<BrowseResult[]> {
  const [viewer] = await openMany(1, address.port, address.viewerToken)
  if (!viewer) throw new Error("not connected")
  const results: BrowseResult[] = []
  for (const { command, payload } of params.queries) {
    const times: number[] = []
    let found = 0
    for (let time = 0; time < params.times; time++) {
      const asked = performance.now()
      const page = await viewer.ask<{ ok: boolean; runs?: unknown[]; hits?: unknown[] }>(command, payload)
      times.push(performance.now() - asked)
      if (!page.ok) throw new Error(`${command}: ${JSON.stringify(page)}`)
      found = (page.runs ?? page.hits ?? []).length
    }
    results.push({ p50Ms: percentile(times, 0.5), p99Ms: percentile(times, 0.99), found })
  }
  viewer.close()
  return results
}
