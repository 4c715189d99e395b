import { setTimeout as sleep } from "node:timers/promises"
import type { PeerAddress } from "@/bench/peers/startPeer"
import { nowUs, turnMaker } from "./payload"
import type { Signals } from "./Signals"
import { mustBeOk, openMany, recordTurns, startRun } from "./Swarm"

export type UnreadParams = { calls: number; traceBytes: number; turnBytes: number; holdMs: number }

/**
 * Requests the same trace many times on a connection that doesn't read the replies. Before that, another connection
 * requests and reads the trace as many times, so that the measured cost is that of buffering replies, not of producing
 * them.
 */
export async function unread(
  address: PeerAddress,
  params: UnreadParams,
  signals: Signals,
): Promise<{ answeredMs: number }> {
  const [agent] = await openMany(1, address.port, address.agentToken)
  const [reader, unreading] = await openMany(2, address.port, address.viewerToken)
  if (!agent || !reader || !unreading) throw new Error("not connected")
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
  signals.send("ready")
  await signals.received("stall")
  unreading.wire.stall()
  for (let call = 0; call < params.calls; call++) unreading.call("runs.get_trace", payload, () => {})
  const asked = performance.now()
  await reader.ask("runs.list", { limit: 1 })
  const answeredMs = performance.now() - asked
  await sleep(params.holdMs)
  signals.send("held")
  await signals.received("release")
  for (const client of [agent, reader, unreading]) client.close()
  return { answeredMs }
}
