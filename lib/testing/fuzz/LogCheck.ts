import type { SeededRandom } from "@/lib/testing/seededRandom"
import type { FuzzAgent } from "./FuzzAgent"
import type { FuzzWorld } from "./FuzzWorld"

/** How many turns a random check compares. */
const SAMPLE = 4

/** Compares the store with what was sent and acknowledged. */
export class LogCheck {
  readonly #world: FuzzWorld
  readonly #agents: readonly FuzzAgent[]
  readonly #random: SeededRandom
  readonly #seen = new Set<number>()
  /** For each connection: the position at which its last committed turn was sent. */
  readonly #lastSent = new Map<string, number>()
  #checked = 0

  constructor(world: FuzzWorld, agents: readonly FuzzAgent[], random: SeededRandom) {
    this.#world = world
    this.#agents = agents
    this.#random = random
  }

  /** Checks that turns committed since the last step are new and in order. */
  afterStep(): void {
    const { store, failures } = this.#world
    for (const failure of [...failures, ...store.violations]) throw failure
    for (; this.#checked < store.committed.length; this.#checked++) this.#checkNext()
  }

  /**
   * Checks that turns at a random place haven't changed. Call it only between two events of the server's event loop,
   * when a command could arrive.
   */
  async whenSettled(): Promise<void> {
    const { store, runIds } = this.#world
    if (runIds.length === 0) return
    const run_id = this.#random.pick(runIds)
    const length = store.log.get(run_id)?.length ?? 0
    await this.#checkTurns(run_id, this.#random.below(length + 1), SAMPLE)
  }

  /** Checks that every acknowledged batch is stored, and that every run's row matches its log. */
  async atRest(): Promise<void> {
    this.afterStep()
    for (const agent of this.#agents) for (const batch of agent.acknowledged) agent.checkStored(batch)
    for (const run_id of this.#world.runIds) await this.#checkTurns(run_id, 0, Number.MAX_SAFE_INTEGER)
  }

  #checkNext(): void {
    const { guarantees, store } = this.#world
    const { number, owner } = store.committed[this.#checked] ?? { number: -1, owner: "" }
    guarantees.check("I9", !this.#seen.has(number), `turn ${number} is stored twice`)
    this.#seen.add(number)
    const last = this.#lastSent.get(owner) ?? -1
    const positions = this.#agents.flatMap(({ order }) => order.get(owner)?.get(number) ?? [])
    // A refused batch may have been sent again on the same connection.
    const sent = positions.find((position) => position > last)
    guarantees.check("I8", sent !== undefined, `turn ${number} is stored before turns that were sent earlier`)
    this.#lastSent.set(owner, sent ?? last)
  }

  // While the store is being read, the log may grow and the run may be deleted.
  async #checkTurns(run_id: string, from: number, limit: number): Promise<void> {
    const { store, guarantees } = this.#world
    const before = store.log.get(run_id)?.length ?? 0
    const { turns } = await store.turns({ run_id, from, limit, maxBytes: Number.MAX_SAFE_INTEGER })
    const row = await store.get(run_id)
    const log = store.log.get(run_id) ?? []
    if (row === undefined || store.deleted.has(run_id)) return
    const isCounted = row.cursor >= before && row.cursor <= log.length
    guarantees.check("I6", isCounted, `${run_id} has cursor ${row.cursor}, but ${log.length} turns`)
    guarantees.check("I7", turns.length >= Math.min(limit, before - from), `${run_id} has lost turns`)
    const areSame = turns.every((turn, at) => turn === log[from + at])
    guarantees.check("I7", areSame, `${run_id}: turns have changed`)
    const areNumbered = turns.every((turn, at) => turn.startsWith(`{"index":${from + at},`))
    guarantees.check("I6", areNumbered, `${run_id}: an index is missing`)
  }
}
