import type { PeerAddress } from "@/bench/peers/startPeer"
import type { Signals } from "./Signals"
import { openMany, openViewers, startRun } from "./Swarm"

export type HoldParams = { few: number; many: number }

/**
 * Connects `few` viewers of an idle run and sends the signal "few". After "more" it connects more of them, up to `many`
 * in total, and sends "many". After "release" it disconnects all.
 */
export async function hold(
  address: PeerAddress,
  params: HoldParams,
  signals: Signals,
): Promise<{ held: number }> {
  const [agent] = await openMany(1, address.port, address.agentToken)
  if (!agent) throw new Error("no agent")
  const run_id = await startRun(agent, 0)
  const viewers = await openViewers(address, run_id, params.few, () => () => {})
  signals.send("few")
  await signals.received("more")
  viewers.push(...(await openViewers(address, run_id, params.many - params.few, () => () => {})))
  signals.send("many")
  await signals.received("release")
  const held = viewers.filter((viewer) => !viewer.wire.isClosed).length
  for (const client of [agent, ...viewers]) client.close()
  return { held }
}
