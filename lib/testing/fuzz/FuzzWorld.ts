import { fakeClock } from "@/lib/testing/fakeClock"
import { fanoutWorld } from "@/lib/testing/fanoutWorld"
import type { SeededRandom } from "@/lib/testing/seededRandom"
import type { Fanout } from "@/server/fanout/Fanout"
import type { RegistryListener } from "@/server/registry/RegistryEvents"
import type { Guarantees } from "./Guarantees"
import { LoggedStore } from "./LoggedStore"
import { slowStore } from "./slowStore"

/** Bounds that a few turns already exceed. */
const BOUNDS = { frameBytes: 1_500, highWaterBytes: 3_000, pageCacheBytes: 6_000, concurrentReads: 2 }
/**
 * The most that may be queued for a viewer: the high-water mark, plus a frame with its largest turn, plus events
 * without turns.
 */
export const MAX_QUEUED = BOUNDS.highWaterBytes + BOUNDS.frameBytes + 1_500 + 4_000
export const GRACE_MS = 2_000

/** An in-memory server: a sequence of processes with the same store. */
export class FuzzWorld {
  readonly clock = fakeClock()
  readonly store = new LoggedStore()
  readonly runIds: string[] = []
  /** The agent that started each run. */
  readonly agentOf = new Map<string, string>()
  /** Runs that a successful reply to `runs.complete` has ended. */
  readonly completed = new Set<string>()
  readonly maxRuns: number
  /** Failures of checks whose promises nobody awaited. */
  readonly failures: unknown[] = []
  /** How many turns and progress texts have been created. */
  written = 0
  readonly #random: SeededRandom
  readonly #waits: (() => void)[] = []
  readonly #haste: number
  readonly #notificationChance: number
  #process: ReturnType<typeof fanoutWorld>
  #minted = 0
  #processes = 0

  constructor(
    random: SeededRandom,
    readonly guarantees: Guarantees,
  ) {
    this.#random = random
    this.#haste = random.pick([0.2, 0.6, 0.9])
    // Some turns are published without their content, as if another node had stored them.
    this.#notificationChance = random.pick([0, 0, 0.1, 0.5])
    this.maxRuns = random.pick([1, 2, 5])
    this.#process = this.#start()
  }

  get registry() {
    return this.#process.registry
  }
  get fanout() {
    return this.#process.fanout
  }
  get queries() {
    return this.#process.queries
  }
  get subscriber() {
    return this.#process.subscriber
  }
  /** The number of processes so far, including the current one. */
  get processes(): number {
    return this.#processes
  }
  /** The number of pending store operations. */
  get waiting(): number {
    return this.#waits.length
  }

  /** Completes one pending store operation, or all. */
  release(all: boolean): void {
    const waits = this.#waits
    const done = all ? waits.splice(0) : waits.splice(this.#random.below(waits.length || 1), 1)
    for (const resolve of done) resolve()
  }

  /** Kills the process and starts another one with the same store. */
  async restart(): Promise<void> {
    const { registry, fanout } = this.#process
    this.#process = this.#start()
    await registry.close()
    fanout.close()
    await this.#process.registry.open()
  }

  #start(): ReturnType<typeof fanoutWorld> {
    const number = ++this.#processes
    const slowness = { wait: () => this.#wait(), alive: () => this.#processes === number }
    const store = slowStore(this.store, slowness)
    return fanoutWorld({
      store,
      reads: slowStore(this.store, slowness),
      clock: this.clock,
      bounds: BOUNDS,
      limits: { graceMs: GRACE_MS },
      mintRunId: () => `run-${this.#minted++}`,
      listener: (fanout) => this.#listener(fanout),
    })
  }

  #wait(): Promise<void> {
    if (this.#random.chance(this.#haste)) return Promise.resolve()
    return new Promise((resolve) => void this.#waits.push(resolve))
  }

  #listener(fanout: Fanout): RegistryListener {
    return {
      turnsStored: (stored) => {
        const isNotification = this.#random.chance(this.#notificationChance)
        fanout.turnsStored(isNotification ? { ...stored, turns: () => undefined } : stored)
      },
      follows: (run_id) => fanout.follows(run_id),
      runChanged: (run) => fanout.runChanged(run),
      progressChanged: (run, progress) => fanout.progressChanged(run, progress),
      runEnded: (run) => fanout.runEnded(run),
      runDeleted: (run_id) => fanout.runDeleted(run_id),
    }
  }
}
