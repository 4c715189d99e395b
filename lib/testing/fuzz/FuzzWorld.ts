import { fakeClock } from "@/lib/testing/fakeClock"
import { fanoutWorld } from "@/lib/testing/fanoutWorld"
import type { SeededRandom } from "@/lib/testing/seededRandom"
import type { Fanout } from "@/server/fanout/Fanout"
import type { RegistryListener } from "@/server/registry/RegistryEvents"
import { LoggedStore } from "./LoggedStore"
import { slowStore } from "./slowStore"

/** Small, so that a few turns already meet them. */
const BOUNDS = { frameBytes: 1_500, highWaterBytes: 3_000, pageCacheBytes: 6_000, concurrentReads: 2 }
/** High water, a frame or page with its largest turn, and the run's own events. */
export const MAX_QUEUED = BOUNDS.highWaterBytes + BOUNDS.frameBytes + 1_500 + 4_000
export const GRACE_MS = 2_000

/** A server in memory, process after process over one store. */
export class FuzzWorld {
  readonly clock = fakeClock()
  readonly store = new LoggedStore()
  readonly runIds: string[] = []
  /** Who a run was given to first. */
  readonly agentOf = new Map<string, string>()
  /** Runs of which somebody was told that it was his word that ended them. */
  readonly completed = new Set<string>()
  readonly mostRuns: number
  /** What was found where nobody waited. */
  readonly failures: unknown[] = []
  /** Turns and texts of progress that were made so far. */
  written = 0
  readonly #random: SeededRandom
  readonly #waits: (() => void)[] = []
  readonly #haste: number
  readonly #rings: number
  #process: ReturnType<typeof fanoutWorld>
  #minted = 0
  #processes = 0

  constructor(random: SeededRandom) {
    this.#random = random
    this.#haste = random.pick([0.2, 0.6, 0.9])
    // Some turns are published without their content, as if another node had stored them.
    this.#rings = random.pick([0, 0, 0.1, 0.5])
    this.mostRuns = random.pick([1, 2, 5])
    this.#process = this.#start()
  }

  get registry() {
    return this.#process.registry
  }
  get fanout() {
    return this.#process.fanout
  }
  get reader() {
    return this.#process.reader
  }
  get subscriber() {
    return this.#process.subscriber
  }
  /** Which process this is, counted from 1. */
  get processes(): number {
    return this.#processes
  }
  /** What still takes its time. */
  get waiting(): number {
    return this.#waits.length
  }

  /** Lets something that takes its time get done, or everything. */
  release(all: boolean): void {
    const waits = this.#waits
    const done = all ? waits.splice(0) : waits.splice(this.#random.below(waits.length || 1), 1)
    for (const resolve of done) resolve()
  }

  /** The process is killed, and another one begins on the store as it is. */
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
        const isRing = this.#random.chance(this.#rings)
        fanout.turnsStored(isRing ? { ...stored, turns: () => undefined } : stored)
      },
      follows: (run_id) => fanout.follows(run_id),
      runChanged: (run) => fanout.runChanged(run),
      progressChanged: (run, progress) => fanout.progressChanged(run, progress),
      runEnded: (run) => fanout.runEnded(run),
      runDeleted: (run_id) => fanout.runDeleted(run_id),
    }
  }
}
