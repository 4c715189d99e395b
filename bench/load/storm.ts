import { createHistogram } from "node:perf_hooks"
import { setTimeout as sleep } from "node:timers/promises"
import type { PeerAddress } from "@/bench/peers/startPeer"
import { RawClient } from "@/e2e/kit/RawClient"
import { cursorOf, nowUs, turnMaker } from "./payload"
import { openMany, recordTurns, startRun } from "./Swarm"
import type { Talk } from "./Talk"

export type StormParams = { viewers: number; agents: number; turnBytes: number; afterMs: number }
export type StormResult = {
  /** From "restarted" until a share of all clients has reconnected and caught up with its run, ms. */
  back50Ms: number
  back95Ms: number
  backAllMs: number
  ackP99Ms: number
  acks: number
}

/** Reconnection delay of a stock client, ms: starts at 1 s, grows to 5 s, and is randomized by half. */
const reconnectDelayMs = (attempt: number) =>
  Math.min(5_000, 1_000 * 2 ** Math.min(attempt, 4)) * (0.5 + Math.random())

/** Many clients lose their server and reconnect to the next one as stock clients do, each resuming at its cursor. */
export async function storm(address: PeerAddress, params: StormParams, talk: Talk): Promise<StormResult> {
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
        if (!took.ok) throw new Error("not taken over")
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
  talk.say("attached")
  await talk.received("restarted")
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

/** A viewer that keeps its cursor. It is back once it has received the snapshot it requested. */
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

/** Opens one connection after the other until the storm is over. */
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
