import { Balancer } from "@/e2e/cluster/Balancer"
import type { SeededRandom } from "@/e2e/kit/seededRandom"
import { TestCluster, type TestNode } from "@/lib/testing/startCluster"
import { type Clock, systemClock } from "@/server/platform/Clock"
import { DatabaseWire } from "./DatabaseWire"

/** As short as possible, because some steps hold a node for longer than a lease. */
export const LEASE_MS = 1_000

const START_ATTEMPTS = 5

/** A node in this process, with its own database connections and an adjustable wall clock. */
export type FuzzNode = {
  readonly number: number
  port: number
  /** The proxy for everything but notifications. */
  wire: DatabaseWire
  /** The proxy for notifications. */
  listenWire: DatabaseWire
  /** How far the node's wall clock is ahead, ms; negative if it is behind. */
  skewMs: number
  running: TestNode | undefined
}

/** A cluster's nodes, all in this process and behind a load balancer. They can die, stall and lose the database. */
export class FuzzNodes {
  readonly balancer = new Balancer()
  readonly nodes: FuzzNode[] = []
  readonly #cluster: TestCluster
  readonly #databaseUrl: string
  /** Killed nodes that are still being cleaned up. */
  readonly #closing: Promise<unknown>[] = []

  constructor(databaseUrl: string) {
    this.#databaseUrl = databaseUrl
    this.#cluster = new TestCluster(databaseUrl, {
      TURNLINE_LEASE_MS: String(LEASE_MS),
      TURNLINE_MAX_CONNECTIONS_PER_TOKEN: "0",
    })
  }

  get tokens(): { readonly agent: string; readonly viewer: string } {
    return this.#cluster.tokens
  }

  async open(count: number): Promise<void> {
    for (let number = 1; number <= count; number++) {
      const wire = await DatabaseWire.open(this.#databaseUrl)
      const listenWire = await DatabaseWire.open(this.#databaseUrl)
      const node: FuzzNode = { number, port: 0, wire, listenWire, skewMs: 0, running: undefined }
      this.nodes.push(node)
      await this.start(node)
    }
    await this.balancer.listen(this.nodes.map(({ port }) => port))
  }

  async start(node: FuzzNode): Promise<void> {
    const settings = {
      PORT: String(node.port),
      DATABASE_URL: node.wire.url,
      TURNLINE_LISTEN_URL: node.listenWire.url,
    }
    const clock: Clock = { ...systemClock, now: () => Date.now() + node.skewMs }
    // On a busy machine, connecting to the database can time out. Like a supervisor, start the node again.
    for (let attempt = 1; node.running === undefined; attempt++)
      node.running = await this.#cluster.start(settings, clock).catch((error) => {
        if (attempt === START_ATTEMPTS) throw error
        return undefined
      })
    node.port = node.running.port
  }

  /** Kills a node between two instructions: nothing that it sends afterwards arrives anywhere. */
  kill(node: FuzzNode): void {
    const { running, wire, listenWire } = node
    if (running === undefined) return
    node.running = undefined
    void wire.close()
    void listenWire.close()
    this.balancer.break(node.port)
    this.#closing.push(running.close().catch(() => {}))
  }

  /** Starts a killed node again, as a new process on another port. */
  async revive(node: FuzzNode): Promise<void> {
    const deadPort = node.port
    node.port = 0
    node.wire = await DatabaseWire.open(this.#databaseUrl)
    node.listenWire = await DatabaseWire.open(this.#databaseUrl)
    await this.start(node)
    this.balancer.replace(deadPort, node.port)
  }

  isRunning(node: FuzzNode): boolean {
    return node.running !== undefined
  }

  /** Stops a node gracefully, as a deployment does, and starts it again. */
  async restart(node: FuzzNode): Promise<void> {
    const { running } = node
    if (running === undefined) return
    node.running = undefined
    this.balancer.drained.add(node.port)
    await running.close()
    await this.start(node)
    this.balancer.drained.delete(node.port)
  }

  /** Ends all faults: all nodes run, and all proxies forward. */
  async endFaults(): Promise<void> {
    for (const node of this.nodes) {
      node.skewMs = 0
      for (const wire of [node.wire, node.listenWire]) {
        wire.up()
        wire.release()
      }
      if (node.running === undefined) await this.revive(node)
    }
  }

  pick(random: SeededRandom): FuzzNode {
    return random.pick(this.nodes)
  }

  async close(): Promise<void> {
    this.balancer.close()
    await Promise.all(this.#closing)
    await this.#cluster.close()
    for (const { wire, listenWire } of this.nodes) await Promise.all([wire.close(), listenWire.close()])
  }
}
