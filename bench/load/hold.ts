import type { PeerAddress } from "@/bench/peers/startPeer"
import { openMany, openViewers, startRun } from "./Swarm"
import type { Talk } from "./Talk"

export type HoldParams = { viewers: number }

/** Opens viewers of one run in which nothing happens, says "open", and holds them until told. */
export async function hold(address: PeerAddress, params: HoldParams, talk: Talk): Promise<{ held: number }> {
  const [agent] = await openMany(1, address.port, address.agentToken)
  if (!agent) throw new Error("no agent")
  const run_id = await startRun(agent, 0)
  talk.say("ready")
  await talk.hear("open")
  const viewers = await openViewers(address, run_id, params.viewers, () => () => {})
  talk.say("opened")
  await talk.hear("release")
  const held = viewers.filter((viewer) => !viewer.wire.isClosed).length
  for (const client of [agent, ...viewers]) client.close()
  return { held }
}
