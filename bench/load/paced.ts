import { createHistogram, type RecordableHistogram } from "node:perf_hooks"
import type { PeerAddress } from "@/bench/peers/startPeer"
import type { RawClient } from "@/e2e/kit/RawClient"
import { eachSent, nowUs, turnMaker } from "./payload"
import { mustBeOk, openMany, openViewers, recordTurns, startRun } from "./Swarm"

export type PacedParams = {
  runs: number
  viewersPerRun: number
  turnsPerSecond: number
  turnBytes: number
  warmMs: number
  forMs: number
}
/** Latencies in ms, measured from when the agent sends a turn. */
export type PacedResult = {
  viewP50Ms: number
  viewP99Ms: number
  /** One value for each third of the measured time. */
  viewP99MsOfThirds: number[]
  ackP50Ms: number
  ackP99Ms: number
  delivered: number
  expected: number
}

const TICK_MS = 4

const percentileMs = (histogram: RecordableHistogram, percentile: number) =>
  histogram.count === 0 ? Number.NaN : histogram.percentile(percentile) / 1_000

/**
 * Agents send turns at a fixed rate, even if the server is slow. Measures the time until each viewer has a turn, and
 * until the turn is acknowledged.
 */
export async function paced(address: PeerAddress, params: PacedParams): Promise<PacedResult> {
  const view = createHistogram()
  const thirds = [createHistogram(), createHistogram(), createHistogram()]
  const ack = createHistogram()
  const agents = await openMany(params.runs, address.port, address.agentToken)
  const runs = await Promise.all(agents.map((agent, number) => startRun(agent, number)))
  let warmAt = Number.POSITIVE_INFINITY
  let delivered = 0
  const viewers: RawClient[] = []
  for (const run_id of runs)
    viewers.push(
      ...(await openViewers(address, run_id, params.viewersPerRun, () => (event) => {
        const at = nowUs()
        eachSent(event, (sentUs) => {
          if (sentUs < warmAt) return
          delivered++
          const took = Math.max(1, at - sentUs)
          view.record(took)
          thirds[Math.floor(((sentUs - warmAt) * thirds.length) / (params.forMs * 1_000))]?.record(took)
        })
      })),
    )
  warmAt = nowUs() + params.warmMs * 1_000
  const endAt = warmAt + params.forMs * 1_000
  const sent = await sendPaced(agents, runs, params, warmAt, endAt, ack)
  const expected = sent * params.viewersPerRun
  for (let waits = 0; delivered < expected && waits < 100; waits++)
    await new Promise((resolve) => setTimeout(resolve, 50))
  for (const client of [...agents, ...viewers]) client.close()
  return {
    viewP50Ms: percentileMs(view, 50),
    viewP99Ms: percentileMs(view, 99),
    viewP99MsOfThirds: thirds.map((third) => percentileMs(third, 99)),
    ackP50Ms: percentileMs(ack, 50),
    ackP99Ms: percentileMs(ack, 99),
    delivered,
    expected,
  }
}

/** Sends turns to each run at the fixed rate, at different times. Returns how many were sent after warm-up. */
function sendPaced(
  agents: readonly RawClient[],
  runs: readonly string[],
  params: PacedParams,
  warmAt: number,
  endAt: number,
  ack: RecordableHistogram,
): Promise<number> {
  const makeTurn = turnMaker(params.turnBytes)
  const periodUs = 1e6 / params.turnsPerSecond
  const due = runs.map((_, number) => nowUs() + (periodUs * number) / runs.length)
  let sent = 0
  return new Promise((resolve, reject) => {
    const timer = setInterval(() => {
      const now = nowUs()
      if (now >= endAt) {
        clearInterval(timer)
        resolve(sent)
        return
      }
      runs.forEach((run_id, number) => {
        if ((due[number] ?? 0) > now) return
        due[number] = (due[number] ?? 0) + periodUs
        const sentUs = nowUs()
        if (sentUs >= warmAt) sent++
        agents[number]?.call("runs.record_turns", recordTurns(run_id, makeTurn(sentUs)), (reply) => {
          try {
            mustBeOk(reply)
          } catch (error) {
            clearInterval(timer)
            reject(error)
          }
          if (sentUs >= warmAt) ack.record(Math.max(1, nowUs() - sentUs))
        })
      })
    }, TICK_MS)
  })
}
