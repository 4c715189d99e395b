import { setTimeout as sleep } from "node:timers/promises"
import type { PeerAddress } from "@/bench/peers/startPeer"
import type { RawClient } from "@/e2e/kit/RawClient"
import { nowUs, turnMaker } from "./payload"
import { mustBeOk, openMany, openViewers, recordTurns, startRun } from "./Swarm"
import type { Talk } from "./Talk"

export type PublishParams = {
  runs: number
  turnBytes: number
  bytesPerRun: number
  bytesPerSecond: number
}

/**
 * Publishes to runs with one reader each, at a fixed rate, in two halves: in the first all readers read; before the
 * second, on the signal "stall", they stop reading. Signals "published" after each half and ends on "release".
 */
export async function publish(
  address: PeerAddress,
  params: PublishParams,
  talk: Talk,
): Promise<{ turns: number }> {
  const agents = await openMany(params.runs, address.port, address.agentToken)
  const runs = await Promise.all(agents.map((agent, number) => startRun(agent, number)))
  const readers: RawClient[] = []
  for (const run_id of runs) readers.push(...(await openViewers(address, run_id, 1, () => () => {})))
  await publishAll(agents, runs, params)
  talk.say("published")
  await talk.received("stall")
  for (const reader of readers) reader.wire.stall()
  const turns = await publishAll(agents, runs, params)
  talk.say("published")
  await talk.received("release")
  for (const client of [...agents, ...readers]) client.close()
  return { turns }
}

async function publishAll(
  agents: readonly RawClient[],
  runs: readonly string[],
  { turnBytes, bytesPerRun, bytesPerSecond }: PublishParams,
): Promise<number> {
  const makeTurn = turnMaker(turnBytes)
  const turns = Math.ceil(bytesPerRun / turnBytes)
  const roundMs = (1_000 * turnBytes * runs.length) / bytesPerSecond
  const began = performance.now()
  for (let turn = 0; turn < turns; turn++) {
    await sleep(Math.max(0, began + turn * roundMs - performance.now()))
    const acks = runs.map(
      (run_id, number) =>
        new Promise<void>((resolve, reject) =>
          agents[number]?.call("runs.record_turns", recordTurns(run_id, makeTurn(nowUs())), (reply) => {
            try {
              mustBeOk(reply)
              resolve()
            } catch (error) {
              reject(error)
            }
          }),
        ),
    )
    await Promise.all(acks)
  }
  return turns * runs.length
}
