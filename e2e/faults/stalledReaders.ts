import { createHash } from "node:crypto"
import { setTimeout as sleep } from "node:timers/promises"
import { Connection } from "@/e2e/kit/Connection"
import type { Target } from "@/e2e/kit/model/Fleet"
import { ModelViewer } from "@/e2e/kit/model/ModelViewer"
import { residentBytes } from "@/e2e/kit/processMemory"
import { RawClient } from "@/e2e/kit/RawClient"
import { ReaderProcess } from "@/e2e/kit/ReaderProcess"
import { readTraces } from "@/e2e/kit/readTrace"
import { waitUntil } from "@/e2e/kit/waitUntil"
import { watchQueuedBytes } from "@/e2e/kit/watchQueuedBytes"

export type StallReport = {
  publishedBytes: number
  /** Peak number of bytes queued in the server for all viewers together. */
  mostQueuedBytes: number
  /** How much memory the server kept while the viewers were stopped, bytes. */
  growthBytes: number
  healthyComplete: boolean
  /** How often the stopped viewers reconnected after being disconnected. */
  comebacks: number
  stalledComplete: boolean
  violations: string[]
}

/** Less than the growth that tests accept. */
const SMALL_GROWTH_BYTES = 48 * 1024 * 1024
/** How long to wait for the garbage of publishing to be collected: less than it takes to disconnect a stopped viewer. */
const COLLECT_MS = 25_000

const FIELDS = ["a", "b", "c", "d"]

/** JSON text of a turn of about 60 KiB, in strings short enough not to be cut on the wire. */
export function bigTurn(number: number): string {
  const attributes = Object.fromEntries(
    FIELDS.map((field) => [field, `${number}${field}`.padEnd(15_000, "x")]),
  )
  return JSON.stringify({ message: `turn ${number}`, attributes })
}

/**
 * Stops viewers (SIGSTOP), publishes more than kernel buffers hold, and resumes them. Each viewer follows its own run
 * and so has its own queue. The viewers stay stopped for at least `minStallMs`.
 */
export async function stalledReaders(options: {
  target: Target
  readers: number
  turns: number
  minStallMs: number
}): Promise<StallReport> {
  const { target, readers, turns } = options
  const agent = await RawClient.open({ port: Number(new URL(target.url).port), token: target.agentToken })
  const runs: string[] = []
  for (let number = 0; number < readers; number++) {
    const payload = { agent_id: `stall/${number}`, intent: "Publish" }
    runs.push((await agent.ask<{ run_id: string }>("runs.start", payload)).run_id)
  }
  const healthy = new ModelViewer({ url: target.url, token: target.viewerToken })
  for (const run_id of runs) healthy.follow(run_id)
  const stalled = new ReaderProcess({ url: target.url, token: target.viewerToken, runs })
  const reading = new Connection({ url: target.url, token: target.viewerToken })
  const seen = (cursor: number) => [...healthy.views.values()].every((view) => view.cursor === cursor)
  const childSeen = async (cursor: number) =>
    (await stalled.report()).views.every((view) => view.cursor === cursor)
  let queued: ReturnType<typeof watchQueuedBytes> | undefined
  try {
    // Memory is measured after the same load with all viewers reading.
    await publish(agent, runs, 0, turns)
    await waitUntil("the first half is seen", async () => seen(turns) && (await childSeen(turns)), 60_000)
    const before = residentBytes(target.pid)
    stalled.stop()
    const stoppedAt = performance.now()
    queued = watchQueuedBytes(target)
    await publish(agent, runs, turns, turns)
    await waitUntil("healthy readers see all", () => seen(2 * turns), 60_000).catch(() => {})
    const healthyComplete = seen(2 * turns)
    await sleep(Math.max(0, options.minStallMs - (performance.now() - stoppedAt)))
    const growthBytes = await leastGrowth(target.pid, before)
    queued.stop()
    stalled.resume()
    await waitUntil("stopped readers catch up", () => childSeen(2 * turns), 60_000).catch(() => {})
    const report = await stalled.report()
    const stored = await readTraces(reading, runs)
    const same = report.views.every((view) => {
      const digests = stored.get(view.run_id)?.turns.map((turn) => turn.digest ?? "") ?? []
      return view.digest === createHash("sha256").update(digests.join("")).digest("hex")
    })
    return {
      publishedBytes: readers * turns * bigTurn(0).length,
      mostQueuedBytes: queued.most(),
      growthBytes,
      healthyComplete,
      comebacks: report.connects - readers,
      stalledComplete: same,
      violations: [...healthy.violations, ...report.violations],
    }
  } finally {
    queued?.stop()
    stalled.resume()
    await stalled.close()
    healthy.close()
    reading.close()
    agent.close()
  }
}

/** Returns how much more memory a process uses than before, once most garbage has been collected. */
async function leastGrowth(pid: number, before: number): Promise<number> {
  let least = Number.POSITIVE_INFINITY
  const isSmall = () => {
    least = Math.min(least, residentBytes(pid) - before)
    return least < SMALL_GROWTH_BYTES
  }
  await waitUntil("the garbage is collected", isSmall, COLLECT_MS).catch(() => {})
  return least
}

/** Appends large turns to each run, one after the other. Rejects if a turn is refused. */
export async function publish(agent: RawClient, runs: readonly string[], from: number, count: number) {
  for (let number = from; number < from + count; number++) {
    const turn = bigTurn(number)
    const sends = runs.map(
      (run_id) =>
        new Promise<void>((resolve, reject) =>
          agent.call("runs.record_turns", `{"run_id":"${run_id}","turns":[${turn}]}`, (reply) =>
            reply?.includes('"ok":true') ? resolve() : reject(new Error(`refused: ${reply}`)),
          ),
        ),
    )
    await Promise.all(sends)
  }
}
