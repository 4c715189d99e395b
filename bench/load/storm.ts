import { createHistogram } from "node:perf_hooks"
import { setTimeout as sleep } from "node:timers/promises"
import type { PeerAddress } from "@/bench/peers/startPeer"
import { RawClient } from "@/e2e/kit/RawClient"
import { cursorOf, nowUs, turnMaker } from "./payload"
import type { Signals } from "./Signals"
import { openMany, recordTurns, startRun } from "./Swarm"

export type StormParams = { viewers: number; agents: number; turnBytes: number; afterMs: number }
export type StormResult = {
  /** Time from the signal "restarted" until 50 % of all clients have reconnected and caught up with their runs, ms. */
  back50Ms: number
  back95Ms: number
  backAllMs: number
  ackP99Ms: number
  acks: number
}

/** Returns the reconnection delay of a standard client, ms: 1 s at first, up to 5 s, randomized by ±50 %. */
const reconnectDelayMs = (attempt: number) =>
  Math.min(5_000, 1_000 * 2 ** Math.min(attempt, 4)) * (0.5 + Math.random())

/** Many clients reconnect after the server's restart, like standard clients, and continue at their cursors. */
export async function storm(
  address: PeerAddress,
  params: StormParams,
  signals: Signals,
): Promise<StormResult> {
  const first = await openMany(params.agents, address.port, address.agentToken)
  const runs = await Promise.all(first.map((agent, number) => startRun(agent, number)))
  const acks = createHistogram()
  const backs: number[] = []
  const state = { over: false, restartedUs: Number.POSITIVE_INFINITY }
  const makeTurn = turnMaker(params.turnBytes)
  const note = () => backs.push(nowUs())

  const agents = first.map((agent, number) =>
    comeBack(address.port, address.agentToken, state, agent, async (client, again) => {
      const run_id = runs[number] ?? ""
      if (again) {
        const took = await client.ask<{ ok: boolean }>("runs.start", { run_id })
        if (!took.ok) throw new Error("the run wasn't taken over")
        note()
      }
      while (!client.wire.isClosed && !state.over) {
        const sentUs = nowUs()
        const payload = recordTurns(run_id, makeTurn(sentUs))
        const reply = await new Promise<Buffer | undefined>((resolve) =>
          client.call("runs.record_turns", payload, resolve),
        )
        if (reply?.includes('"ok":true') && sentUs >= state.restartedUs)
          acks.record(Math.max(1, nowUs() - sentUs))
        await sleep(250 + Math.random() * 500)
      }
    }),
  )
  const viewers = await openMany(params.viewers, address.port, address.viewerToken)
  const watching = viewers.map((viewer, number) =>
    comeBack(
      address.port,
      address.viewerToken,
      state,
      viewer,
      follow(runs[number % runs.length] ?? "", note),
    ),
  )
  signals.send("attached")
  await signals.received("restarted")
  state.restartedUs = nowUs()
  backs.length = 0
  const all = params.agents + params.viewers
  for (let waits = 0; backs.length < all && waits < 1_200; waits++) await sleep(50)
  await sleep(params.afterMs)
  state.over = true
  await Promise.allSettled([...agents, ...watching])
  const sorted = backs.map((at) => (at - state.restartedUs) / 1_000).sort((a, b) => a - b)
  const share = (part: number) => sorted[Math.ceil(all * part) - 1] ?? Number.POSITIVE_INFINITY
  return {
    back50Ms: share(0.5),
    back95Ms: share(0.95),
    backAllMs: share(1),
    ackP99Ms: acks.percentile(99) / 1_000,
    acks: acks.count,
  }
}

/** Returns a viewer that remembers its cursor. After a reconnection, it calls `back` with the first trace event. */
function follow(run_id: string, back: () => void) {
  let cursor = 0
  return (client: RawClient, again: boolean): Promise<void> =>
    new Promise((resolve) => {
      let waiting = again
      client.onEvent = (name, event) => {
        if (name !== "runs.trace.event") return
        cursor = cursorOf(event)
        if (waiting) back()
        waiting = false
      }
      client.call("runs.subscribe", `{"run_id":"${run_id}","cursor":${cursor}}`, () => {})
      void client.wire.closed.then(() => resolve())
    })
}

/** Reconnects a client whenever its connection is lost, until the storm is over. Calls `live` for each connection. */
async function comeBack(
  port: number,
  token: string,
  state: { over: boolean },
  first: RawClient,
  live: (client: RawClient, again: boolean) => Promise<void>,
): Promise<void> {
  let client: RawClient | undefined = first
  for (let attempt = 0, again = false; !state.over; ) {
    if (client) {
      const living = live(client, again).catch(() => client?.close())
      const ended = (async () => {
        while (!state.over && !client.wire.isClosed) await Promise.race([client.wire.closed, sleep(500)])
      })()
      await Promise.race([Promise.all([living, client.wire.closed]), ended])
      client.close()
      again = true
      attempt = 0
    }
    if (state.over) return
    await sleep(reconnectDelayMs(attempt++))
    client = await RawClient.open({ port, token, timeoutMs: 10_000 }).catch(() => undefined)
  }
  client?.close()
}
