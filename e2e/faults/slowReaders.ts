import { setTimeout as sleep } from "node:timers/promises"
import { ChaosProxy } from "@/e2e/kit/ChaosProxy"
import { Connection } from "@/e2e/kit/Connection"
import type { Target } from "@/e2e/kit/model/Fleet"
import { ModelViewer } from "@/e2e/kit/model/ModelViewer"
import { RawClient } from "@/e2e/kit/RawClient"
import { readTraces } from "@/e2e/kit/readTrace"
import type { SeededRandom } from "@/e2e/kit/seededRandom"
import { waitUntil } from "@/e2e/kit/waitUntil"
import { watchQueuedBytes } from "@/e2e/kit/watchQueuedBytes"
import { bigTurn, publish } from "./stalledReaders"

export type SlowReport = {
  publishedBytes: number
  /** How many turns the slow viewers were behind after everything had been published. */
  behind: number
  /** Peak number of bytes queued in the server for all viewers together. */
  mostQueuedBytes: number
  /** How often a slow viewer had to reconnect. */
  comebacks: number
  complete: boolean
  violations: string[]
}

/** Slows the connections of viewers below the rate of publishing for some time, then lets the viewers catch up. */
export async function slowReaders(options: {
  target: Target
  random: SeededRandom
  readers: number
  turns: number
  bytesPerSecond: number
  /** Minimum time for which the connections stay slow, ms. */
  slowMs: number
}): Promise<SlowReport> {
  const { target, random, readers, turns, bytesPerSecond, slowMs } = options
  const port = Number(new URL(target.url).port)
  const agent = await RawClient.open({ port, token: target.agentToken })
  const start = { agent_id: "slow/1", intent: "Publish" }
  const { run_id } = await agent.ask<{ run_id: string }>("runs.start", start)
  const wire = await ChaosProxy.open({ port, random, bytesPerSecond })
  const viewers = Array.from(
    { length: readers },
    () => new ModelViewer({ url: wire.url, token: target.viewerToken }),
  )
  const views = viewers.map((viewer) => viewer.follow(run_id))
  const reading = new Connection({ url: target.url, token: target.viewerToken })
  const queued = watchQueuedBytes(target)
  try {
    await publish(agent, [run_id], 0, 1)
    await waitUntil("all are there", () => views.every((view) => view.cursor === 1))
    const began = performance.now()
    await publish(agent, [run_id], 1, turns - 1)
    const behind = Math.min(...views.map((view) => turns - view.cursor))
    await sleep(Math.max(0, slowMs - (performance.now() - began)))
    wire.calm()
    await waitUntil("all have caught up", () => views.every((view) => view.cursor === turns), 60_000)
    const stored = (await readTraces(reading, [run_id])).get(run_id)?.turns.map(({ digest }) => digest)
    return {
      publishedBytes: turns * bigTurn(0).length,
      behind,
      mostQueuedBytes: queued.most(),
      comebacks: viewers.reduce((sum, { connection }) => sum + connection.connects, 0) - readers,
      complete: views.every((view) => view.digests.join() === stored?.join()),
      violations: viewers.flatMap((viewer) => viewer.violations),
    }
  } finally {
    queued.stop()
    for (const viewer of viewers) viewer.close()
    reading.close()
    agent.close()
    await wire.close()
  }
}
