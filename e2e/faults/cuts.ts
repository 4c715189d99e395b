import { setTimeout as sleep } from "node:timers/promises"
import { ChaosProxy } from "@/e2e/kit/ChaosProxy"
import type { CheckReport } from "@/e2e/kit/model/checkStore"
import { Fleet, type Target } from "@/e2e/kit/model/Fleet"
import type { AgentPlan } from "@/e2e/kit/model/ModelAgent"
import type { SeededRandom } from "@/e2e/kit/seededRandom"

export type CutReport = CheckReport & {
  cuts: number
  connects: number
  /** How many turns viewers received, and how many of them they already had. Resuming must not resend any turn. */
  received: number
  receivedTwice: number
}

/**
 * Runs viewers behind bad connections (cut every `cutMs`, delayed, split at any byte), and agents behind another bad
 * connection, for `forMs`. Then the faults stop and every view must equal the store.
 */
export async function cutWires(options: {
  target: Target
  random: SeededRandom
  agents: number
  viewers: number
  followChance: number
  forMs: number
  cutMs: [number, number]
  plan?: Partial<AgentPlan>
}): Promise<CutReport> {
  const { target, random, cutMs } = options
  const port = Number(new URL(target.url).port)
  const forViewers = await ChaosProxy.open({
    port,
    random: random.fork("viewers' wire"),
    cutMs,
    halfCloseChance: 0.3,
    delayMs: [0, 15],
    split: true,
  })
  const forAgents = await ChaosProxy.open({
    port,
    random: random.fork("agents' wire"),
    cutMs: [cutMs[0] * 2, cutMs[1] * 3],
    halfCloseChance: 0.3,
    split: true,
  })
  const { agentToken, viewerToken } = target
  const fleet = new Fleet({
    ...options,
    target: { url: forAgents.url, agentToken, viewerToken },
    viewerUrl: () => forViewers.url,
  })
  fleet.start()
  try {
    await sleep(options.forMs)
    forAgents.calm()
    forViewers.calm()
    const report = await fleet.settle()
    const views = fleet.viewers.flatMap((viewer) => [...viewer.views.values()])
    const received = views.reduce((sum, view) => sum + view.received, 0)
    return {
      ...report,
      cuts: forAgents.cuts + forViewers.cuts,
      connects: fleet.viewers.reduce((sum, viewer) => sum + viewer.connection.connects, 0),
      received,
      receivedTwice: received - views.reduce((sum, view) => sum + view.cursor, 0),
    }
  } finally {
    fleet.close()
    await forViewers.close()
    await forAgents.close()
  }
}
