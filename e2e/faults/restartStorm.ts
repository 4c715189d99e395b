import type { CheckReport } from "@/e2e/kit/model/checkStore"
import { Fleet, type Target } from "@/e2e/kit/model/Fleet"
import type { SeededRandom } from "@/e2e/kit/seededRandom"
import { waitUntil } from "@/e2e/kit/waitUntil"

export type StormReport = CheckReport & {
  /** From the server being ready until every viewer and agent had reconnected, ms. */
  allBackMs: number
  incomplete: number
}

/**
 * Stops the server under many viewers and agents, by SIGKILL or gracefully, restarts it, and waits until all have
 * reconnected and caught up.
 */
export async function restartStorm(options: {
  target: Target
  random: SeededRandom
  agents: number
  viewers: number
  politely: boolean
}): Promise<StormReport> {
  const { target, politely } = options
  const fleet = new Fleet({
    ...options,
    name: politely ? "polite" : "killed",
    followChance: Math.min(1, 4 / options.agents),
    plan: { paceMs: [50, 200], batch: [1, 4], batchesPerRun: [10_000, 10_000] },
  })
  const clients = () => [...fleet.viewers, ...fleet.agents].map(({ connection }) => connection)
  fleet.start()
  try {
    await fleet.until("all are connected", () => clients().every((client) => client.socket.connected))
    await fleet.until("every agent has a run", () => fleet.runs.length === options.agents)
    const before = clients().map((client) => client.connects)
    if (politely) {
      const code = await target.stop()
      if (code !== 0) throw new Error(`SIGTERM ended it with ${code}: ${target.log()}`)
    } else await target.crash()
    await target.restart()
    const ready = performance.now()
    const back = () => clients().filter((client, at) => client.connects > (before[at] ?? 0)).length
    await waitUntil(
      () => `${back()} of ${clients().length} have reconnected`,
      () => back() === clients().length,
      60_000,
    )
    const allBackMs = performance.now() - ready
    const report = await fleet.settle()
    const incomplete = [...report.stored.values()].filter((run) => run.status === "incomplete").length
    return { ...report, allBackMs, incomplete }
  } finally {
    fleet.close()
  }
}
