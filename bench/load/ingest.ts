import type { PeerAddress } from "@/bench/peers/startPeer"
import type { RawClient } from "@/e2e/kit/RawClient"
import { nowUs, turnMaker } from "./payload"
import { mustBeOk, openMany, recordTurns, startRun } from "./Swarm"

export type IngestParams = {
  agents: number
  /** Commands in flight per agent. */
  window: number
  /** Turns per command. */
  batch: number
  turnBytes: number
  warmMs: number
  forMs: number
}
export type IngestResult = { turnsPerSecond: number }

/** Writes as fast as the agents' windows allow. Returns the turns acknowledged per second after warm-up. */
export async function ingest(address: PeerAddress, params: IngestParams): Promise<IngestResult> {
  const agents = await openMany(params.agents, address.port, address.agentToken)
  const runs = await Promise.all(agents.map((agent, number) => startRun(agent, number)))
  const makeTurn = turnMaker(params.turnBytes)
  const warmAt = nowUs() + params.warmMs * 1_000
  const endAt = warmAt + params.forMs * 1_000
  let acked = 0
  const note = (at: number) => {
    if (at >= warmAt && at < endAt) acked += params.batch
  }
  await Promise.all(
    agents.map((agent, number) => keepFull(agent, runs[number] ?? "", params, makeTurn, endAt, note)),
  )
  for (const agent of agents) agent.close()
  return { turnsPerSecond: acked / (params.forMs / 1_000) }
}

function keepFull(
  agent: RawClient,
  run_id: string,
  { window, batch }: IngestParams,
  makeTurn: (sentUs: number) => string,
  endAt: number,
  note: (at: number) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    let inFlight = 0
    const send = () => {
      inFlight++
      const turns = Array.from({ length: batch }, () => makeTurn(nowUs()))
      agent.call("runs.record_turns", recordTurns(run_id, turns.join(",")), (reply) => {
        inFlight--
        try {
          mustBeOk(reply)
        } catch (error) {
          reject(error)
          return
        }
        const at = nowUs()
        note(at)
        if (at < endAt) send()
        else if (inFlight === 0) resolve()
      })
    }
    for (let filled = 0; filled < window; filled++) send()
  })
}
