import { Connection, LOST } from "@/e2e/kit/Connection"
import type { Fleet, Target } from "@/e2e/kit/model/Fleet"
import type { JournalEntry } from "@/e2e/kit/model/journal"
import type { AgentPlan } from "@/e2e/kit/model/ModelAgent"

/**
 * Sends one batch at a time. With several in flight, one might be refused and the next stored, so that the agent itself
 * would change the order.
 */
export const ONE_AT_A_TIME: AgentPlan = {
  window: [1, 1],
  batch: [1, 8],
  bytes: [200, 3_000],
  batchesPerRun: [1_000, 1_000],
  paceMs: [1, 5],
}

/** What still works while a server's store can't commit. */
export type ServerProbe = { readable: boolean; alive: boolean; ready: number }

/** Returns how many of a fleet's batches were refused because the store couldn't commit. */
export function unavailableOf(fleet: Fleet): number {
  const isOne = (entry: JournalEntry) => entry.what === "refused" && entry.code === "unavailable"
  return fleet.journal.entries().filter(isOne).length
}

/** Reads a run and queries the server's health. */
export async function probeServer(target: Target, fleet: Fleet): Promise<ServerProbe> {
  const reader = new Connection({ url: target.url, token: target.viewerToken })
  try {
    await reader.connected()
    const page = await reader.ask("runs.get_trace", { run_id: fleet.runs[0] ?? "", limit: 5 })
    return {
      readable: page !== LOST && page.ok && page.records.length > 0,
      alive: (await fetch(`${target.url}/healthz`)).ok,
      ready: (await fetch(`${target.url}/readyz`)).status,
    }
  } finally {
    reader.close()
  }
}
