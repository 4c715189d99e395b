import { setImmediate as turn } from "node:timers/promises"
import { pino } from "pino"
import { Access } from "@/server/auth/Access"
import type { Session } from "@/server/auth/SessionStore"
import { type ClusterStores, openClusterStores } from "@/server/cluster/openClusterStores"
import { Fanout } from "@/server/fanout/Fanout"
import type { Clock } from "@/server/platform/Clock"
import { readConfig } from "@/server/platform/Config"
import { broadcast } from "@/server/registry/broadcast"
import { LiveRuns } from "@/server/registry/live/LiveRuns"
import { RunQueries } from "@/server/registry/RunQueries"
import { RunRegistry } from "@/server/registry/RunRegistry"
import { createHandlers } from "@/server/sockets/createHandlers"
import { IngestLog } from "@/server/sockets/IngestLog"
import type { VirtualWire } from "./database/VirtualWire"
import { NodePeer } from "./NodePeer"
import type { VirtualSocket } from "./VirtualSocket"
import type { TimeOwner, VirtualTime } from "./VirtualTime"

/** Bounds so small that a few turns exceed them. */
const BOUNDS = { frameBytes: 1_500, highWaterBytes: 3_000, pageCacheBytes: 6_000, concurrentReads: 2 }

type Wires = { wire: VirtualWire; listenWire: VirtualWire }
type Services = Awaited<ReturnType<typeof compose>>

/** A node's process: the server without HTTP and Socket.IO. */
export class NodeProcess {
  readonly clock: Clock
  readonly peers = new Set<NodePeer>()
  readonly #owner: TimeOwner = { state: "running", skewMs: 0 }
  readonly #time: VirtualTime
  #services: Services | undefined
  #isDraining = false

  constructor(time: VirtualTime) {
    this.#time = time
    this.clock = time.clockOf(this.#owner)
  }

  get services(): Services {
    if (this.#services === undefined) throw new Error("The process isn't open")
    return this.#services
  }

  get isFrozen(): boolean {
    return this.#owner.state === "frozen"
  }

  get isAccepting(): boolean {
    return this.#services !== undefined && this.#owner.state === "running" && !this.#isDraining
  }

  set skewMs(ms: number) {
    this.#owner.skewMs = ms
  }

  /** Starts the process. Rejects with the error of a database that can't be used. */
  async open(wires: Wires, settings: Record<string, string>): Promise<void> {
    const services = await compose(wires, settings, this.clock)
    const { access, cluster, fanout, registry } = services
    this.#services = services
    await registry.open()
    await access.open()
    await cluster.open({
      fanout,
      onStoredChange: (run) => registry.onStoredChange(run),
      endSession: (sha256) => this.#endSession(sha256),
      onGone: () => {},
      connectionsPerToken: () => this.connectionsPerToken(),
    })
    access.onTokensRead(() => this.#dismissEnded())
  }

  /** Accepts a client's connection. Returns undefined if its credentials aren't valid. */
  async accept(client: VirtualSocket): Promise<NodePeer | undefined> {
    const found = await this.services.access.authenticate(client.credentials)
    if ("refused" in found || !this.isAccepting) return undefined
    const peer = new NodePeer(this, client, found.identity)
    this.peers.add(peer)
    return peer
  }

  onLeft(peer: NodePeer): void {
    this.peers.delete(peer)
  }

  onMoved(): void {
    this.#time.onMoved()
  }

  connectionsPerToken(): Map<string, number> {
    const counts = new Map<string, number>()
    for (const { identity } of this.peers) {
      const { token_id } = identity.principal
      counts.set(token_id, (counts.get(token_id) ?? 0) + 1)
    }
    return counts
  }

  async signOut(session: Session): Promise<void> {
    await this.services.access.signOut(session)
    this.#dismissSession(session.sha256)
    this.services.cluster.onSessionEnd(session.sha256)
  }

  /** Suspends or continues the process. */
  freeze(isFrozen: boolean): void {
    if (this.#owner.state === "dead") return
    this.#owner.state = isFrozen ? "frozen" : "running"
    for (const peer of this.peers) peer.freeze(isFrozen)
  }

  /** Ends the process between two instructions. The caller has broken its connections to the database. */
  kill(): void {
    this.#owner.state = "dead"
    this.#time.forget(this.#owner)
    for (const peer of [...this.peers]) peer.die()
    // Never finishes if the process was waiting for a timer.
    this.#services?.stores.close().catch(() => {})
  }

  /** Stops the process as a deployment does. */
  async stop(): Promise<void> {
    this.#isDraining = true
    const { access, registry, cluster, fanout, stores } = this.services
    await Promise.all([...this.peers].map((peer) => peer.drain()))
    access.close()
    await registry.close()
    await cluster.close()
    fanout.close()
    // The last replies and events still arrive.
    await turn()
    for (const peer of [...this.peers]) peer.die()
    await stores.close()
    this.#owner.state = "dead"
    this.#time.forget(this.#owner)
  }

  #endSession(sha256: string): void {
    this.services.access.dropSession(sha256)
    this.#dismissSession(sha256)
  }

  #dismissSession(sha256: string): void {
    for (const peer of [...this.peers]) if (peer.identity.session?.sha256 === sha256) peer.cut(true)
  }

  #dismissEnded(): void {
    for (const peer of [...this.peers]) if (!this.services.access.isStillValid(peer.identity)) peer.cut(true)
  }
}

async function compose({ wire, listenWire }: Wires, settings: Record<string, string>, clock: Clock) {
  const read = readConfig(settings)
  if ("problem" in read) throw new Error(read.problem)
  const { config } = read
  if (config.database === undefined) throw new Error("A node of a cluster needs a database")
  const logger = pino({ level: process.env.TURNLINE_TEST_LOG ?? "silent" })
  const stores: ClusterStores = await openClusterStores(config, config.database, {
    ...{ clock, logger },
    streams: { database: wire.options, listener: listenWire.options },
  })
  const live = new LiveRuns(clock, undefined, config.trouble)
  const cluster = stores.createCluster({ live })
  const { remoteRuns, listener } = cluster
  const queries = new RunQueries({ store: stores.runs, live, clock, remoteRuns })
  const fanout = new Fanout({ queries, store: stores.runs, clock, bounds: BOUNDS })
  const registry = new RunRegistry({
    ...{ store: stores.runs, clock, limits: config.limits, live, remoteRuns },
    listener: broadcast(fanout, listener),
    createGracePeriods: cluster.createGracePeriods?.bind(cluster),
  })
  const access = new Access({ auth: "token", store: stores.access, clock })
  const handlers = createHandlers({ registry, queries, fanout, ingest: new IngestLog(clock, undefined) })
  return { stores, live, cluster, fanout, registry, access, handlers }
}
