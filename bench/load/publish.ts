import { setTimeout as sleep } from "node:timers/promises"
import type { PeerAddress } from "@/bench/peers/startPeer"
import type { RawClient } from "@/e2e/kit/RawClient"
import { nowUs, turnMaker } from "./payload"
import type { Signals } from "./Signals"
import { mustBeOk, openMany, openViewers, recordTurns, startRun } from "./Swarm"

export type PublishParams = {
  runs: number
  turnBytes: number
  bytesPerRun: number
  bytesPerSecond: number
}

/**
 * Sends turns at a fixed rate to runs with one reader each, twice: first with readers that read, and then, after the
 * signal "stall", with readers that don't. Sends the signal "published" each time, and ends after "release".
 */
export async function publish(
  address: PeerAddress,
  params: PublishParams,
  signals: Signals,
): Promise<{ turns: number }> {
  const agents = await openMany(params.runs, address.port, address.agentToken)
  const runs = await Promise.all(agents.map((agent, number) => startRun(agent, number)))
  const readers: RawClient[] = []
  for (const run_id of runs) readers.push(...(await openViewers(address, run_id, 1, () => () => {})))
  await publishAll(agents, runs, params)
  signals.send("published")
  await signals.received("stall")
  for (const reader of readers) reader.wire.stall()
  const turns = await publishAll(agents, runs, params)
  signals.send("published")
  await signals.received("release")
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
