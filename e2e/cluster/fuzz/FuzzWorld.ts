import { setTimeout as sleep } from "node:timers/promises"
import { Client, Pool } from "pg"
import { Connection } from "@/e2e/kit/Connection"
import { Fleet } from "@/e2e/kit/model/Fleet"
import type { SeededRandom } from "@/e2e/kit/seededRandom"
import { waitUntil } from "@/e2e/kit/waitUntil"
import { FuzzNodes } from "./FuzzNodes"
import { ListedRuns } from "./ListedRuns"
import { LogWatch } from "./LogWatch"
import type { Stage } from "./Stage"

/** Few enough runs for a list to show all of them on its first page. */
const PLAN = {
  batch: [1, 4] as [number, number],
  window: [1, 3] as [number, number],
  bytes: [0, 300] as [number, number],
  batchesPerRun: [10, 150] as [number, number],
  paceMs: [5, 60] as [number, number],
}

/** The nodes, and the agents, viewers and connections that act on them. The seed determines what they do. */
export class FuzzWorld implements Stage {
  readonly nodes: FuzzNodes
  readonly log: LogWatch
  readonly #listener: Client
  readonly #notifier: Pool
  readonly #random: SeededRandom
  #parts: { fleet: Fleet; lists: ListedRuns[]; rival: Connection } | undefined

  constructor(databaseUrl: string, random: SeededRandom) {
    this.#random = random
    this.nodes = new FuzzNodes(databaseUrl)
    this.log = new LogWatch(databaseUrl)
    this.#listener = new Client({ connectionString: databaseUrl })
    this.#notifier = new Pool({ connectionString: databaseUrl, max: 1 })
    this.#listener.on("error", () => {})
    this.#notifier.on("error", () => {})
  }

  async open(): Promise<void> {
    const { nodes, log } = this
    const random = this.#random.fork("world")
    await nodes.open(random.pick([2, 2, 3]))
    await log.client.connect()
    await this.#repeatNotifications()
    const { url } = nodes.balancer
    const { agent: agentToken, viewer: viewerToken } = nodes.tokens
    const fleet = new Fleet({
      target: { url, agentToken, viewerToken },
      random: random.fork("fleet"),
      agents: random.int(2, 4),
      viewers: random.int(1, 4),
      followChance: 0.6,
      plan: PLAN,
    })
    const lists = [0, 1].map(() => new ListedRuns({ url, token: viewerToken }))
    this.#parts = { fleet, lists, rival: new Connection({ url, token: agentToken }) }
    fleet.start()
  }

  get fleet(): Fleet {
    return this.#opened.fleet
  }
  get lists(): ListedRuns[] {
    return this.#opened.lists
  }
  /** A connection with the agents' token that takes over their runs. */
  get rival(): Connection {
    return this.#opened.rival
  }

  sleep(ms: number): Promise<void> {
    return sleep(ms)
  }

  waitUntil = waitUntil

  async close(): Promise<void> {
    const { fleet, lists, rival } = this.#parts ?? {}
    fleet?.close()
    rival?.close()
    for (const list of lists ?? []) list.close()
    await this.nodes.close()
    await Promise.all(
      [this.log.client.end(), this.#listener.end(), this.#notifier.end()].map((ended) =>
        ended.catch(() => {}),
      ),
    )
  }

  get #opened() {
    if (this.#parts === undefined) throw new Error("The world is not open")
    return this.#parts
  }

  /** Repeats some notifications, late. */
  async #repeatNotifications(): Promise<void> {
    const [listener, notifier] = [this.#listener, this.#notifier]
    const random = this.#random.fork("rings")
    const chance = random.pick([0, 0.2, 0.5])
    await listener.connect()
    const { rows } = await listener.query<{ channel: string }>(
      "SELECT 'turnline_' || current_schema() AS channel",
    )
    const channel = rows[0]?.channel ?? ""
    listener.on("notification", ({ payload }) => {
      if (!random.chance(chance)) return
      const timer = setTimeout(
        () => void notifier.query("SELECT pg_notify($1, $2)", [channel, payload]).catch(() => {}),
        random.int(0, 1_000),
      )
      timer.unref()
    })
    await listener.query(`LISTEN ${listener.escapeIdentifier(channel)}`)
  }
}
