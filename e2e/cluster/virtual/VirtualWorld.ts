import { randomUUID } from "node:crypto"
import type { Pool } from "pg"
import { ListedRuns } from "@/e2e/cluster/fuzz/ListedRuns"
import { LogWatch } from "@/e2e/cluster/fuzz/LogWatch"
import type { Stage } from "@/e2e/cluster/fuzz/Stage"
import { Connection, type Transport, type TypedSocket } from "@/e2e/kit/Connection"
import { Fleet } from "@/e2e/kit/model/Fleet"
import type { SeededRandom } from "@/e2e/kit/seededRandom"
import { waitUntil } from "@/e2e/kit/waitUntil"
import { mintToken } from "@/server/auth/token"
import type { Credentials } from "@/server/net/readCredentials"
import { isoTime } from "@/server/platform/Clock"
import { createPool } from "@/server/store/postgres/Connection"
import { PostgresAccessStore } from "@/server/store/postgres/PostgresAccessStore"
import { START, type VirtualDatabase } from "./database/VirtualDatabase"
import { VirtualWire } from "./database/VirtualWire"
import type { NodePeer } from "./NodePeer"
import { type VirtualNode, VirtualNodes } from "./VirtualNodes"
import { type Route, VirtualSocket } from "./VirtualSocket"
import { VirtualTime } from "./VirtualTime"

/**
 * Few enough runs for the first page of a list to show them all, and few enough turns for a seed to take less than a
 * second.
 */
const PLAN = {
  batch: [1, 4] as [number, number],
  window: [1, 3] as [number, number],
  bytes: [0, 300] as [number, number],
  batchesPerRun: [10, 60] as [number, number],
  paceMs: [10, 300] as [number, number],
}

/** A browser with a session. */
export type Browser = { cookie: string; connection: Connection; isSignedOut: boolean }

type Parts = {
  nodes: VirtualNodes
  log: LogWatch
  pool: Pool
  fleet: Fleet
  lists: ListedRuns[]
  rival: Connection
  tokens: { agent: string; viewer: string }
}

/** A cluster with its clients, all in this process and in virtual time. The seed determines what they do. */
export class VirtualWorld implements Stage {
  readonly time: VirtualTime
  readonly #database: VirtualDatabase
  readonly #random: SeededRandom
  readonly #sockets = new Map<TypedSocket, VirtualSocket>()
  #parts: Parts | undefined

  constructor(database: VirtualDatabase, random: SeededRandom) {
    this.#database = database
    this.#random = random
    this.time = new VirtualTime(START)
  }

  async open(): Promise<void> {
    const database = this.#database
    const random = this.#random.fork("world")
    const { time } = this
    const { url } = database
    const wire = new VirtualWire({ database, time, random })
    const pool = createPool({ url, applicationName: "virtual", ...wire.options }, 1)
    const tokens = await this.#addTokens(pool)
    const nodes = new VirtualNodes({
      ...{ database, time, random: random.fork("nodes") },
      delayMs: [0, random.pick([1, 3, 10])],
      repeatChance: random.pick([0, 0.2, 0.5]),
    })
    const log = new LogWatch(url, wire.options.openStream)
    await log.client.connect()
    await nodes.open(random.pick([2, 2, 3]))
    const transport = this.#transport(random.fork("sockets"), (client) => nodes.accept(client))
    const fleet = new Fleet({
      target: { url, agentToken: tokens.agent, viewerToken: tokens.viewer },
      transport,
      random: random.fork("fleet"),
      agents: random.int(2, 3),
      viewers: random.int(1, 3),
      followChance: 0.6,
      plan: PLAN,
    })
    const lists = [0, 1].map(() => new ListedRuns({ url, token: tokens.viewer, transport }))
    const rival = new Connection({ url, token: tokens.agent, transport })
    for (const { socket } of [...fleet.agents.map(({ connection }) => connection), rival])
      socket.on("runs.cancel_requested", ({ run_id }) => this.cancelled.add(run_id))
    this.#parts = { nodes, log, pool, fleet, lists, rival, tokens }
    fleet.start()
  }

  get nodes(): VirtualNodes {
    return this.#opened.nodes
  }
  get fleet(): Fleet {
    return this.#opened.fleet
  }
  get lists(): ListedRuns[] {
    return this.#opened.lists
  }
  get rival(): Connection {
    return this.#opened.rival
  }
  get log(): LogWatch {
    return this.#opened.log
  }

  /** The tokens of agents and viewers. */
  get tokens(): { agent: string; viewer: string } {
    return this.#opened.tokens
  }

  /** Browsers with sessions, each connected to a random node. */
  readonly browsers: Browser[] = []

  /** Runs whose cancellation has arrived at an agent. */
  readonly cancelled = new Set<string>()

  /** Connects to one node. */
  connectTo(node: VirtualNode, credentials: Credentials): Connection {
    const random = this.#random.fork(`connection ${this.#sockets.size}`)
    const route: Route = async (client) => node.process?.accept(client)
    return this.#connect(random, route, credentials)
  }

  /** Signs a browser in at a node. Does nothing if the node can't reach the database. */
  async signIn(node: VirtualNode): Promise<Browser | undefined> {
    const cookie = await node.process?.services.access.signIn(this.tokens.viewer).catch(() => undefined)
    if (cookie === undefined) return undefined
    const random = this.#random.fork(`browser ${this.browsers.length}`)
    const connection = this.#connect(random, (client) => this.nodes.accept(client), { cookie })
    const browser: Browser = { cookie, connection, isSignedOut: false }
    this.browsers.push(browser)
    return browser
  }

  /** Returns the node's end of a client's connection; undefined if it isn't connected. */
  peerOf({ socket }: Connection): NodePeer | undefined {
    return this.#sockets.get(socket)?.peer
  }

  readonly sleep = (ms: number): Promise<void> => this.time.pause(ms)

  waitUntil(...[what, condition, timeoutMs]: Parameters<Stage["waitUntil"]>): Promise<void> {
    return waitUntil(what, condition, timeoutMs, (ms) => this.time.pause(ms))
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets.values()) socket.disconnect()
    if (this.#parts === undefined) return
    const { nodes, log, pool } = this.#parts
    nodes.close()
    await log.client.end()
    await pool.end()
  }

  get #opened(): Parts {
    if (this.#parts === undefined) throw new Error("The world is not open")
    return this.#parts
  }

  async #addTokens(pool: Pool): Promise<{ agent: string; viewer: string }> {
    const store = new PostgresAccessStore(pool)
    const add = async (name: string, write: string[], read: [] | "all") => {
      const { token, row } = mintToken(
        { name, write, read, control: read === "all", mint: false },
        isoTime(START),
      )
      await store.addToken(row)
      return token
    }
    return { agent: await add("agent", ["*"], []), viewer: await add("viewer", [], "all") }
  }

  #connect(random: SeededRandom, route: Route, credentials: Credentials): Connection {
    const pause = (ms: number) => this.time.pause(ms)
    const open = () => this.#openSocket(random, route, credentials)
    return new Connection({ url: "", token: "", transport: { open, pause } })
  }

  #transport(random: SeededRandom, route: Route): Transport {
    return {
      open: ({ token, client_id }) => this.#openSocket(random, route, { token }, client_id),
      pause: (ms) => this.time.pause(ms),
    }
  }

  #openSocket(
    random: SeededRandom,
    route: Route,
    credentials: Credentials,
    client_id: string = randomUUID(),
  ) {
    const socket = new VirtualSocket({ credentials, client_id, route, time: this.time, random })
    this.#sockets.set(socket.asSocket(), socket)
    return socket.asSocket()
  }
}
