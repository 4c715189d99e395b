import { mustBeOk, openMany, recordTurns } from "@/bench/load/Swarm"
import type { RawClient } from "@/e2e/kit/RawClient"
import { seededRandom } from "@/e2e/kit/seededRandom"
import { madeTurn, stampedTurn } from "./madeTurn"

const BATCH = 200
const RUNS_PER_CONNECTION = 10
const TICK_MS = 4

export type FleetRun = { run_id: string; agent: RawClient }
/** Turns sent at a fixed rate, and the longest delay behind schedule. */
export type Paced = { sent: number; latestMs: number }

/** The agents of the page benchmark. They fill runs in advance and add turns to runs at a fixed rate. */
export class Fleet {
  readonly #port: number
  readonly #token: string
  readonly #runs: FleetRun[] = []
  #pacing: { stop(): Paced } | undefined
  /** When each turn was sent, by run and index, in milliseconds since 1970. Only for turns sent at a fixed rate. */
  readonly sentAt = new Map<string, Map<number, number>>()

  constructor(port: number, token: string) {
    this.#port = port
    this.#token = token
  }

  /** Starts `count` runs, each with its own agent. Returns their IDs. */
  async start(count: number): Promise<string[]> {
    const connections = await openMany(Math.ceil(count / RUNS_PER_CONNECTION), this.#port, this.#token)
    const started: string[] = []
    for (let number = 0; number < count; number++) {
      const agent = connections[Math.floor(number / RUNS_PER_CONNECTION)]
      if (agent === undefined) throw new Error("a connection is missing")
      const payload = {
        agent_id: `pages/${this.#runs.length}`,
        intent: `Check part ${number} and fix the failures`,
      }
      const reply = await agent.ask<{ ok: boolean; run_id: string }>("runs.start", payload)
      if (!reply.ok) throw new Error(`runs.start: ${JSON.stringify(reply)}`)
      this.#runs.push({ run_id: reply.run_id, agent })
      started.push(reply.run_id)
    }
    return started
  }

  /** Appends turns of about `bytes` each that started in the last hours. Returns the number of bytes sent. */
  async fill(run_id: string, turns: number, bytes: number): Promise<number> {
    const random = seededRandom(turns)
    const spanMs = turns * 1_100
    let sent = 0
    for (let from = 0; from < turns; from += BATCH) {
      const count = Math.min(BATCH, turns - from)
      const batch = Array.from({ length: count }, (_, at) =>
        JSON.stringify(madeTurn(random, bytes, Date.now() - spanMs + (from + at) * 1_100)),
      ).join(",")
      sent += Buffer.byteLength(batch)
      await this.#record(run_id, batch)
    }
    return sent
  }

  async complete(run_id: string): Promise<void> {
    const payload = JSON.stringify({
      run_id,
      outcome: { status: "success", summary: "Everything was checked." },
    })
    await new Promise<void>((resolve, reject) => {
      this.#agentOf(run_id).call("runs.complete", payload, (reply) => settle(reply, resolve, reject))
    })
  }

  /** Sends `perSecond` timestamped turns to each of these runs, evenly spread, until `rest` is called. */
  pace(run_ids: readonly string[], perSecond: number): void {
    const periodMs = 1_000 / perSecond
    const began = performance.now()
    const due = run_ids.map((_, at) => began + (periodMs * at) / run_ids.length)
    let sent = 0
    let latestMs = 0
    const timer = setInterval(() => {
      const now = performance.now()
      run_ids.forEach((run_id, at) => {
        const time = due[at] ?? 0
        if (time > now) return
        latestMs = Math.max(latestMs, now - time)
        due[at] = time + periodMs
        sent++
        this.#recordStamped(run_id)
      })
    }, TICK_MS)
    const stop = () => {
      clearInterval(timer)
      return { sent, latestMs }
    }
    this.#pacing = { stop }
  }

  /** Stops sending. Returns how many turns were sent, and the longest delay behind schedule. */
  rest(): Paced {
    const paced = this.#pacing?.stop() ?? { sent: 0, latestMs: 0 }
    this.#pacing = undefined
    return paced
  }

  #recordStamped(run_id: string): void {
    const sentMs = performance.timeOrigin + performance.now()
    this.#agentOf(run_id).call("runs.record_turns", recordTurns(run_id, stampedTurn()), (reply) => {
      mustBeOk(reply)
      const index = Number(/"base_index":(\d+)/.exec(reply?.toString("latin1") ?? "")?.[1])
      const times = this.sentAt.get(run_id) ?? new Map<number, number>()
      this.sentAt.set(run_id, times.set(index, sentMs))
    })
  }

  #record(run_id: string, turns: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#agentOf(run_id).call("runs.record_turns", recordTurns(run_id, turns), (reply) =>
        settle(reply, resolve, reject),
      )
    })
  }

  #agentOf(run_id: string): RawClient {
    const run = this.#runs.find((known) => known.run_id === run_id)
    if (run === undefined) throw new Error(`no run ${run_id}`)
    return run.agent
  }
}

function settle(reply: Buffer | undefined, resolve: () => void, reject: (error: unknown) => void): void {
  try {
    mustBeOk(reply)
    resolve()
  } catch (error) {
    reject(error)
  }
}
