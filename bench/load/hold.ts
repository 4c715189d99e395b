import type { PeerAddress } from "@/bench/peers/startPeer"
import { openMany, openViewers, startRun } from "./Swarm"
import type { Talk } from "./Talk"

export type HoldParams = { few: number; many: number }

/**
 * Opens `few` viewers of an idle run and signals "few"; on "more" opens the rest and signals "many"; on "release"
 * closes all.
 */
export async function hold(address: PeerAddress, params: HoldParams, talk: Talk): Promise<{ held: number }> {
  const [agent] = await openMany(1, address.port, address.agentToken)
  if (!agent) throw new Error("no agent")
  const run_id = await startRun(agent, 0)
  const viewers = await openViewers(address, run_id, params.few, () => () => {})
  talk.say("few")
  await talk.received("more")
  viewers.push(...(await openViewers(address, run_id, params.many - params.few, () => () => {})))
  talk.say("many")
  await talk.received("release")
  const held = viewers.filter((viewer) => !viewer.wire.isClosed).length
  for (const client of [agent, ...viewers]) client.close()
  return { held }
}
