import { setTimeout as sleep } from "node:timers/promises"
import { Connection, LOST } from "@/e2e/kit/Connection"
import type { Target } from "@/e2e/kit/model/Fleet"
import { ModelView } from "@/e2e/kit/model/ModelView"
import { RawClient } from "@/e2e/kit/RawClient"
import type { SeededRandom } from "@/e2e/kit/seededRandom"

const SUBSCRIBERS = 6

export type EdgeReport = { subscriptions: number; turns: number; violations: string[] }

/**
 * Subscribers repeatedly join a run that is continuously appended to, at random cursors and moments. One subscriber
 * stays subscribed for longer. Returns impossible events.
 */
export async function subscribeEdge(options: {
  target: Target
  random: SeededRandom
  /** How many subscriptions all subscribers make together. */
  subscriptions: number
  /** The server's turn limit for a run. There is no race to test after the last turn. */
  mostTurns: number
}): Promise<EdgeReport> {
  const { target, random, mostTurns } = options
  const agent = await RawClient.open({ port: Number(new URL(target.url).port), token: target.agentToken })
  const start = { agent_id: "edge/1", intent: "Never pause" }
  const { run_id } = await agent.ask<{ run_id: string }>("runs.start", start)
  const writing = { over: false }
  const written = write(agent, run_id, { random: random.fork("writer"), mostTurns, writing })
  const each = Math.ceil(options.subscriptions / SUBSCRIBERS)
  const views = await Promise.all(
    Array.from({ length: SUBSCRIBERS }, (_, number) =>
      subscribeOften(
        target,
        run_id,
        random.fork(`subscriber ${number}`),
        number === 0 ? each >> 2 : each,
        number === 0,
      ),
    ),
  )
  writing.over = true
  const turns = await written
  agent.close()
  return {
    turns,
    subscriptions: views.reduce((sum, view) => sum + view.subscriptions, 0),
    violations: views.flatMap((view) => view.violations),
  }
}

async function write(
  agent: RawClient,
  run_id: string,
  options: { random: SeededRandom; mostTurns: number; writing: { over: boolean } },
) {
  const { random, mostTurns, writing } = options
  let turns = 0
  while (!writing.over && turns < mostTurns) {
    const batch = Array.from({ length: random.pick([1, 1, 1, 2]) }, (_, k) => ({
      message: `turn ${turns + k}`,
    }))
    const reply = await agent.ask<{ ok: boolean }>("runs.record_turns", { run_id, turns: batch })
    if (!reply.ok) throw new Error(`append: ${JSON.stringify(reply)}`)
    turns += batch.length
    // Sometimes pauses for longer than the server collects turns into a frame.
    if (random.chance(0.2)) await sleep(random.int(1, 25))
  }
  return turns
}

async function subscribeOften(
  target: Target,
  run_id: string,
  random: SeededRandom,
  times: number,
  stays: boolean,
): Promise<ModelView> {
  const connection = new Connection({ url: target.url, token: target.viewerToken })
  const view = new ModelView(run_id)
  connection.socket.on("runs.trace.event", (event) => view.receive(event))
  try {
    for (let time = 0; time < times; time++) {
      const near = Math.max(0, view.cursor - random.int(0, 3))
      const cursor = random.chance(0.8) ? near : random.int(0, view.cursor)
      const reply = await connection.askWithRetries("runs.subscribe", {
        run_id,
        cursor: view.subscribe(cursor),
      })
      if (reply === LOST || !reply.ok) throw new Error(`subscribe: ${JSON.stringify(reply)}`)
      if (random.chance(0.6)) await sleep(stays ? random.int(50, 150) : random.int(0, 40))
      if (random.chance(0.4)) {
        await connection.askWithRetries("runs.unsubscribe", { run_id })
        view.lost()
      }
    }
    return view
  } finally {
    connection.close()
  }
}
