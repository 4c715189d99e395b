import type { StageNode, StageNodes } from "@/e2e/cluster/fuzz/Stage"
import type { SeededRandom } from "@/e2e/kit/seededRandom"
import { roundMs } from "@/server/cluster/NodeLease"
import type { Backends } from "./Backends"
import type { NodePeer } from "./NodePeer"
import { NodeProcess } from "./NodeProcess"
import type { VirtualSocket } from "./VirtualSocket"
import type { VirtualTime } from "./VirtualTime"
import { VirtualWire } from "./VirtualWire"

/** As short as possible, because some steps hold a node for longer than a lease. */
export const LEASE_MS = 1_000
/** Longer than any seed takes. */
const GRACE_MS = 600_000
const START_ATTEMPTS = 5

export class VirtualNode implements StageNode {
  readonly number: number
  readonly name: string
  wire: VirtualWire
  listenWire: VirtualWire
  process: NodeProcess | undefined
  #skewMs = 0

  constructor(number: number, name: string, backends: Backends) {
    this.number = number
    this.name = name
    this.wire = new VirtualWire(backends)
    this.listenWire = new VirtualWire(backends)
  }

  get skewMs(): number {
    return this.#skewMs
  }

  set skewMs(ms: number) {
    this.#skewMs = ms
    if (this.process) this.process.skewMs = ms
  }
}

type Parts = { url: string; backends: Backends; time: VirtualTime; random: SeededRandom }

/** A cluster's nodes, all in this process and in virtual time. */
export class VirtualNodes implements StageNodes {
  readonly all: VirtualNode[] = []
  readonly #parts: Parts
  /** Processes and proxies that are still being cleaned up. */
  readonly #closing: Promise<unknown>[] = []
  #wasHeldAt = new Map<VirtualNode, number>()

  constructor(parts: Parts) {
    this.#parts = parts
  }

  async open(count: number): Promise<void> {
    for (let number = 1; number <= count; number++) {
      const node = new VirtualNode(number, `node-${number}`, this.#parts.backends)
      this.all.push(node)
      await this.#start(node)
    }
    this.#watchHeldWires()
  }

  get running(): VirtualNode[] {
    return this.all.filter(({ process }) => process?.isAccepting)
  }

  isRunning(node: VirtualNode): boolean {
    return node.process !== undefined
  }

  pick(random: SeededRandom): VirtualNode {
    return random.pick(this.all)
  }

  /** Connects a client to a random node. */
  async accept(client: VirtualSocket): Promise<NodePeer | undefined> {
    const candidates = this.running
    if (candidates.length === 0) return undefined
    return this.#parts.random.pick(candidates).process?.accept(client)
  }

  kill(node: VirtualNode): void {
    const { process } = node
    if (process === undefined) return
    node.process = undefined
    node.wire.down()
    node.listenWire.down()
    this.#closing.push(process.kill().catch(() => {}))
  }

  async revive(node: VirtualNode): Promise<void> {
    node.wire = new VirtualWire(this.#parts.backends)
    node.listenWire = new VirtualWire(this.#parts.backends)
    await this.#start(node)
  }

  async restart(node: VirtualNode): Promise<void> {
    const { process } = node
    if (process === undefined) return
    node.process = undefined
    await process.stop()
    await this.#start(node)
  }

  /** Suspends a node's process, as SIGSTOP does, or continues it. */
  freeze(node: VirtualNode, isFrozen: boolean): void {
    node.process?.freeze(isFrozen)
    for (const wire of [node.wire, node.listenWire]) {
      if (isFrozen) wire.hold()
      else wire.release()
    }
  }

  async endFaults(): Promise<void> {
    for (const node of this.all) {
      node.skewMs = 0
      node.listenWire.losesNotifications = false
      for (const wire of [node.wire, node.listenWire]) {
        wire.up()
        wire.release()
      }
      node.process?.freeze(false)
      if (node.process === undefined) await this.revive(node)
    }
  }

  async close(): Promise<void> {
    for (const node of this.all) this.kill(node)
    await Promise.all(this.#closing)
  }

  async #start(node: VirtualNode): Promise<void> {
    for (let attempt = 1; node.process === undefined; attempt++) {
      const process = new NodeProcess(this.#parts.time)
      process.skewMs = node.skewMs
      try {
        await process.open(node, {
          DATABASE_URL: this.#parts.url,
          TURNLINE_DATABASE_CONNECTIONS: "12",
          TURNLINE_NODE_NAME: node.name,
          TURNLINE_LEASE_MS: String(LEASE_MS),
          TURNLINE_GRACE_MS: String(GRACE_MS),
          TURNLINE_ALLOW_ASYNC_COMMIT: "1",
          TURNLINE_REDACT: "off",
        })
        node.process = process
      } catch (error) {
        this.#closing.push(process.kill().catch(() => {}))
        if (attempt === START_ATTEMPTS) throw error
      }
    }
  }

  /**
   * Ends transactions whose node has stopped in the middle of them, in virtual time. PostgreSQL would end them in real
   * time.
   */
  #watchHeldWires(): void {
    const { time } = this.#parts
    time.setTimeout(() => {
      for (const node of this.all) {
        const heldAt = this.#wasHeldAt.get(node)
        if (!node.wire.isHeld) this.#wasHeldAt.delete(node)
        else if (heldAt === undefined) this.#wasHeldAt.set(node, time.ms)
        else if (time.ms - heldAt >= roundMs(LEASE_MS)) node.wire.endIdleTransactions()
      }
      this.#watchHeldWires()
    }, 50)
  }
}
