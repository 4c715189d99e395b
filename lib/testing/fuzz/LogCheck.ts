import type { SeededRandom } from "@/lib/testing/seededRandom"
import { ensure } from "./ensure"
import type { FuzzAgent } from "./FuzzAgent"
import type { FuzzWorld } from "./FuzzWorld"

const LOOKED_AT = 4

/** Holds the store against what was sent and acknowledged. */
export class LogCheck {
  readonly #world: FuzzWorld
  readonly #agents: readonly FuzzAgent[]
  readonly #random: SeededRandom
  readonly #seen = new Set<number>()
  /** By connection, when on it the turn was sent that was committed last. */
  readonly #lastSent = new Map<string, number>()
  #checked = 0

  constructor(world: FuzzWorld, agents: readonly FuzzAgent[], random: SeededRandom) {
    this.#world = world
    this.#agents = agents
    this.#random = random
  }

  /** What was committed since the step before is new and in order. */
  afterStep(): void {
    const { store, failures } = this.#world
    if (failures.length > 0) throw failures[0]
    ensure(store.violations.length === 0, store.violations.join(", "))
    for (; this.#checked < store.committed.length; this.#checked++) this.#checkNext()
  }

  /** Somewhere in a run nothing has changed. Asked between two events of a server's loop, as commands come: never within one. */
  async whenSettled(): Promise<void> {
    const { store, runIds } = this.#world
    if (runIds.length === 0) return
    const run_id = this.#random.pick(runIds)
    const length = store.log.get(run_id)?.length ?? 0
    await this.#checkTurns(run_id, this.#random.below(length + 1), LOOKED_AT)
  }

  /** Every acknowledged batch is there, whole, and every run is exactly its log. */
  async atRest(): Promise<void> {
    this.afterStep()
    for (const agent of this.#agents) for (const batch of agent.acknowledged) agent.checkStored(batch)
    for (const run_id of this.#world.runIds) await this.#checkTurns(run_id, 0, Number.MAX_SAFE_INTEGER)
  }

  #checkNext(): void {
    const { number, owner } = this.#world.store.committed[this.#checked] ?? { number: -1, owner: "" }
    ensure(!this.#seen.has(number), `turn ${number} is stored twice`)
    this.#seen.add(number)
    const last = this.#lastSent.get(owner) ?? -1
    const times = this.#agents.flatMap(({ order }) => order.get(owner)?.get(number) ?? [])
    // One that was refused may have been sent again on the same connection.
    const sent = times.find((at) => at > last)
    if (sent === undefined) throw new Error(`turn ${number} is stored before what was sent before it`)
    this.#lastSent.set(owner, sent)
  }

  // What is under way goes on while the store is asked: the log may have grown meanwhile, or the run be gone.
  async #checkTurns(run_id: string, from: number, limit: number): Promise<void> {
    const { store } = this.#world
    const before = store.log.get(run_id)?.length ?? 0
    const { turns } = await store.turns({ run_id, from, limit, maxBytes: Number.MAX_SAFE_INTEGER })
    const row = await store.get(run_id)
    const log = store.log.get(run_id) ?? []
    if (row === undefined || store.deleted.has(run_id)) return
    ensure(row.cursor >= before && row.cursor <= log.length, `${run_id} is at ${row.cursor} of ${log.length}`)
    ensure(turns.length >= Math.min(limit, before - from), `${run_id} has lost turns`)
    const isSame = turns.every(
      (text, at) => text === log[from + at] && text.startsWith(`{"index":${from + at},`),
    )
    ensure(isSame, `${run_id} has changed, or has a hole`)
  }
}
