import type { PeerAddress } from "@/bench/peers/startPeer"
import { cursorOf, nowUs, turnMaker } from "./payload"
import { mustBeOk, openMany, openViewers, recordTurns, startRun } from "./Swarm"

export type FanoutParams = { viewers: number; turns: number; window: number; turnBytes: number }
export type FanoutResult = { deliveredPerSecond: number }

/**
 * One agent writes as fast as its turns are acknowledged. Measures how many turns per second are delivered to all
 * viewers together.
 */
export async function fanout(address: PeerAddress, params: FanoutParams): Promise<FanoutResult> {
  const [agent] = await openMany(1, address.port, address.agentToken)
  if (!agent) throw new Error("no agent")
  const run_id = await startRun(agent, 0)
  let complete = 0
  let allComplete = () => {}
  const delivered = new Promise<void>((resolve) => {
    allComplete = resolve
  })
  const viewers = await openViewers(address, run_id, params.viewers, () => {
    let cursor = 0
    return (event) => {
      const next = cursorOf(event)
      if (next === cursor) return
      cursor = next
      if (cursor === params.turns && ++complete === params.viewers) allComplete()
    }
  })
  const makeTurn = turnMaker(params.turnBytes)
  const began = nowUs()
  let sent = 0
  let acked = 0
  const acknowledged = new Promise<void>((resolve, reject) => {
    const send = () => {
      if (sent === params.turns) return
      sent++
      agent.call("runs.record_turns", recordTurns(run_id, makeTurn(nowUs())), (reply) => {
        try {
          mustBeOk(reply)
        } catch (error) {
          reject(error)
          return
        }
        if (++acked === params.turns) resolve()
        send()
      })
    }
    for (let filled = 0; filled < params.window; filled++) send()
  })
  await Promise.all([delivered, acknowledged])
  const seconds = (nowUs() - began) / 1e6
  for (const client of [agent, ...viewers]) client.close()
  return { deliveredPerSecond: (params.turns * params.viewers) / seconds }
}
