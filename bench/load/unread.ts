import { setTimeout as sleep } from "node:timers/promises"
import type { PeerAddress } from "@/bench/peers/startPeer"
import { nowUs, turnMaker } from "./payload"
import { mustBeOk, openMany, recordTurns, startRun } from "./Swarm"
import type { Talk } from "./Talk"

export type UnreadParams = { calls: number; traceBytes: number; turnBytes: number; holdMs: number }

/**
 * Requests the same trace repeatedly on a connection that never reads a reply. A second connection first reads as
 * many replies, which separates the cost of serving them from the cost of holding them.
 */
export async function unread(
  address: PeerAddress,
  params: UnreadParams,
  talk: Talk,
): Promise<{ answeredMs: number }> {
  const [agent] = await openMany(1, address.port, address.agentToken)
  const [reader, deaf] = await openMany(2, address.port, address.viewerToken)
  if (!agent || !reader || !deaf) throw new Error("not connected")
  const run_id = await startRun(agent, 0)
  const makeTurn = turnMaker(params.turnBytes)
  for (let bytes = 0; bytes < params.traceBytes; bytes += params.turnBytes)
    mustBeOk(
      await new Promise((resolve) =>
        agent.call("runs.record_turns", recordTurns(run_id, makeTurn(nowUs())), resolve),
      ),
    )
  const payload = `{"run_id":"${run_id}"}`
  for (let call = 0; call < params.calls; call++)
    await new Promise<void>((resolve) => reader.call("runs.get_trace", payload, () => resolve()))
  talk.say("ready")
  await talk.received("stall")
  deaf.wire.stall()
  for (let call = 0; call < params.calls; call++) deaf.call("runs.get_trace", payload, () => {})
  const asked = performance.now()
  await reader.ask("runs.list", { limit: 1 })
  const answeredMs = performance.now() - asked
  await sleep(params.holdMs)
  talk.say("held")
  await talk.received("release")
  for (const client of [agent, reader, deaf]) client.close()
  return { answeredMs }
}
