import type { StageNode, StageNodes } from "@/e2e/cluster/fuzz/Stage"
import type { SeededRandom } from "@/e2e/kit/seededRandom"
import { VirtualWire, type WireParts } from "./database/VirtualWire"
import type { NodePeer } from "./NodePeer"
import { NodeProcess } from "./NodeProcess"
import type { VirtualSocket } from "./VirtualSocket"

/** As short as possible, because some steps hold a node for longer than a lease. */
export const LEASE_MS = 1_000
/** Longer than any seed takes. */
const GRACE_MS = 600_000
/** More often than any fault takes. */
const START_ATTEMPTS = 60
const START_PAUSE_MS = 100
/** How long a packet takes while a node's connections are slow. */
const SLOW_MS: [min: number, max: number] = [20, 120]

export class VirtualNode implements StageNode {
  readonly number: number
  readonly name: string
  wire: VirtualWire
  listenWire: VirtualWire
  process: NodeProcess | undefined
  #skewMs = 0

  constructor(number: number, name: string, createWire: () => VirtualWire) {
    this.number = number
    this.name = name
    this.wire = createWire()
    this.listenWire = createWire()
  }

  get skewMs(): number {
    return this.#skewMs
  }

  set skewMs(ms: number) {
    this.#skewMs = ms
    if (this.process) this.process.skewMs = ms
  }
}

type Parts = WireParts & {
  /** The range of the time that a packet to or from the database takes, ms. */
  delayMs: [min: number, max: number]
  /** The probability that a notification arrives twice. */
  repeatChance: number
}

/** A cluster's nodes, all in this process and in virtual time. */
export class VirtualNodes implements StageNodes {
  readonly all: VirtualNode[] = []
  /** When all faults ended, by virtual time. */
  calmSinceMs = 0
  readonly #parts: Parts
  readonly #starting = new Map<VirtualNode, Promise<void>>()
  readonly #outage = { isNow: false }
  #outages = 0
  #wires = 0

  constructor(parts: Parts) {
    this.#parts = parts
  }

  async open(count: number): Promise<void> {
    for (let number = 1; number <= count; number++) {
      const node = new VirtualNode(number, `node-${number}`, () => this.#createWire())
      this.all.push(node)
      await this.#start(node)
    }
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
    process.kill()
  }

  async revive(node: VirtualNode): Promise<void> {
    const starting = this.#starting.get(node)
    if (starting !== undefined) return starting
    node.wire = this.#createWire()
    node.listenWire = this.#createWire()
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

  /** Makes a node's connections slow, or as fast as usual. */
  slowDown(node: VirtualNode, isSlow: boolean): void {
    for (const wire of [node.wire, node.listenWire]) wire.delayMs = isSlow ? SLOW_MS : this.#parts.delayMs
  }

  /** Makes the database unavailable for all nodes, or available again. Outages may overlap. */
  loseDatabase(isAway: boolean): void {
    this.#outages += isAway ? 1 : -1
    this.#outage.isNow = this.#outages > 0
    if (isAway) for (const node of this.all) for (const wire of [node.wire, node.listenWire]) wire.cut()
  }

  async endFaults(): Promise<void> {
    for (const node of this.all) {
      node.skewMs = 0
      this.slowDown(node, false)
      node.listenWire.losesNotifications = false
      for (const wire of [node.wire, node.listenWire]) {
        wire.up()
        wire.release()
      }
      node.process?.freeze(false)
      if (node.process === undefined) await this.revive(node)
    }
    this.calmSinceMs = this.#parts.time.ms
  }

  close(): void {
    for (const node of this.all) this.kill(node)
  }

  #start(node: VirtualNode): Promise<void> {
    const starting =
      this.#starting.get(node) ?? this.#startProcess(node).finally(() => this.#starting.delete(node))
    this.#starting.set(node, starting)
    return starting
  }

  async #startProcess(node: VirtualNode): Promise<void> {
    for (let attempt = 1; node.process === undefined; attempt++) {
      const process = new NodeProcess(this.#parts.time)
      process.skewMs = node.skewMs
      try {
        await process.open(node, {
          DATABASE_URL: this.#parts.database.url,
          TURNLINE_DATABASE_CONNECTIONS: "12",
          TURNLINE_NODE_NAME: node.name,
          TURNLINE_LEASE_MS: String(LEASE_MS),
          TURNLINE_GRACE_MS: String(GRACE_MS),
          TURNLINE_ALLOW_ASYNC_COMMIT: "1",
          TURNLINE_REDACT: "off",
        })
        node.process = process
      } catch (error) {
        process.kill()
        if (attempt === START_ATTEMPTS) throw error
        await this.#parts.time.pause(START_PAUSE_MS)
      }
    }
  }

  #createWire(): VirtualWire {
    const { delayMs, repeatChance, random } = this.#parts
    const wire = new VirtualWire({
      ...{ ...this.#parts, random: random.fork(`wire ${this.#wires++}`) },
      outage: this.#outage,
    })
    return Object.assign(wire, { delayMs, repeatChance })
  }
}
