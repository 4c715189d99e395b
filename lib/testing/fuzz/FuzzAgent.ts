import type { CommandPayload, Reply } from "@/lib/protocol/catalogue"
import { anOwner, aPrincipal, aTurn } from "@/lib/testing/builders"
import type { SeededRandom } from "@/lib/testing/seededRandom"
import { ensure } from "./ensure"
import type { FuzzWorld } from "./FuzzWorld"
import { numberOf } from "./LoggedStore"

type Turns = CommandPayload<"runs.record_turns">["turns"]
type Batch = {
  run_id: string
  key: string | undefined
  turns: Turns
  numbers: number[]
  base: number | undefined
}

/** An agent over any number of connections. It holds each answer against what the store has at that moment. */
export class FuzzAgent {
  readonly #world: FuzzWorld
  readonly #random: SeededRandom
  readonly #principal
  readonly runs: string[] = []
  /** What was sent under a key, to be sent again. */
  readonly #keyed: Batch[] = []
  readonly acknowledged: Batch[] = []
  readonly #startedBy = new Map<string, string>()
  /** By connection, when on it each turn was sent, as often as it was. */
  readonly order = new Map<string, Map<number, number[]>>()
  #sent = 0
  #connections = 0
  #owner

  constructor(
    readonly agent_id: string,
    world: FuzzWorld,
    random: SeededRandom,
  ) {
    this.#world = world
    this.#random = random
    this.#principal = aPrincipal({ token_id: agent_id, write: [agent_id] })
    this.#owner = this.#connect()
  }

  #connect() {
    const id = `${this.agent_id}/${++this.#connections}`
    this.order.set(id, new Map())
    return anOwner(id)
  }

  /** Does something that agents do. */
  act(): void {
    const random = this.#random
    const what = random.below(200)
    const [run_id] = this.runs.length === 0 ? [] : [random.pick(this.runs)]
    if (run_id === undefined || what < 14) this.#start()
    else if (what < 130) this.#append(run_id)
    else if (what < 150) this.#sendAgain()
    else if (what < 184) this.#report(run_id)
    else if (what < 190) this.#takeOver(run_id)
    else this.#complete(run_id)
  }

  /** The connection breaks; a new one is there at once. */
  leave(): void {
    this.#world.registry.ownerClosed(this.#owner)
    this.comeBack()
  }

  /** Connects to another process, when the one before is gone. */
  comeBack(): void {
    this.#owner = this.#connect()
  }

  /** Goes for good. */
  retire(): void {
    this.#world.registry.ownerClosed(this.#owner)
  }

  /** Looks at an answer once it is there; what it finds is thrown by the next step. */
  #check<R>(answer: Promise<R>, look: (reply: R) => void): void {
    answer.then(look).catch((failure: unknown) => this.#world.failures.push(failure))
  }

  #start(): void {
    const { registry, runIds, mostRuns } = this.#world
    if (runIds.length >= mostRuns * 3) return
    const key = this.#random.chance(0.6) ? `start-${this.#random.below(3)}` : undefined
    const payload = {
      intent: "x",
      agent_id: this.agent_id,
      ...(key !== undefined && { idempotency_key: key }),
    }
    for (let time = this.#random.chance(0.3) ? 2 : 1; time > 0; time--) {
      this.#check(registry.start(this.#owner, this.#principal, payload), (reply) => this.#started(key, reply))
    }
  }

  #started(key: string | undefined, reply: Reply<"runs.start">): void {
    ensure(reply.ok, "a start was refused")
    if (!reply.ok) return
    const { run_id } = reply
    const known = key === undefined ? undefined : this.#startedBy.get(key)
    ensure(
      known === undefined || known === run_id || this.#world.store.deleted.has(known),
      "two runs of one key",
    )
    const { agentOf } = this.#world
    ensure((agentOf.get(run_id) ?? this.agent_id) === this.agent_id, "one run of two agents")
    agentOf.set(run_id, this.agent_id)
    if (key !== undefined) this.#startedBy.set(key, run_id)
    if (!this.runs.includes(run_id)) this.runs.push(run_id)
    if (!this.#world.runIds.includes(run_id)) this.#world.runIds.push(run_id)
  }

  #append(run_id: string): void {
    const turns = this.#someTurns()
    const numbers = turns.map((turn) => numberOf(JSON.stringify(turn)))
    const key = this.#random.chance(0.5) ? `batch-${numbers[0]}` : undefined
    const batch: Batch = { run_id, key, turns, numbers, base: undefined }
    if (key !== undefined) this.#keyed.push(batch)
    this.#send(batch)
  }

  #sendAgain(): void {
    if (this.#keyed.length > 0) this.#send(this.#random.pick(this.#keyed))
  }

  #send(batch: Batch): void {
    const { run_id, key, turns, numbers } = batch
    const { registry, store } = this.#world
    const order = this.order.get(this.#owner.id)
    for (const number of numbers) order?.set(number, [...(order.get(number) ?? []), this.#sent++])
    const cursor = store.log.get(run_id)?.length ?? 0
    const expected = this.#random.chance(0.2) ? cursor + this.#random.below(2) : undefined
    const payload = {
      run_id,
      turns,
      ...(key !== undefined && { idempotency_key: key }),
      ...(expected !== undefined && { expected_index: expected }),
    }
    this.#check(registry.recordTurns(this.#owner, this.#principal, payload), (reply) =>
      this.#recorded(batch, expected, reply),
    )
  }

  #recorded(batch: Batch, expected: number | undefined, reply: Reply<"runs.record_turns">): void {
    const { run_id, numbers, key } = batch
    const { store } = this.#world
    if (reply.ok) {
      ensure(reply.count === numbers.length, "acknowledged in part")
      ensure(batch.base === undefined || batch.base === reply.base_index, "one batch at two places")
      ensure(
        reply.duplicate === true || expected === undefined || expected === reply.base_index,
        "not where expected",
      )
      batch.base = reply.base_index
      this.acknowledged.push(batch)
      this.checkStored(batch)
      return
    }
    const { code } = reply.error
    ensure(code === "index_conflict" || store.isFinal(run_id), `refused: ${code}`)
    if (key !== undefined) return
    const isStored = store.committed.some(({ number }) => number === numbers[0])
    ensure(!isStored, "refused, and stored all the same")
  }

  /** An acknowledged batch is where its acknowledgement said, whole. */
  checkStored({ run_id, base = 0, numbers }: Batch): void {
    const log = this.#world.store.log.get(run_id)?.slice(base, base + numbers.length) ?? []
    ensure(log.map(numberOf).join() === numbers.join(), "acknowledged, but not stored so")
  }

  #report(run_id: string): void {
    const progress = this.#random.chance(0.2) ? null : { text: `p${this.#world.written++}` }
    void this.#world.registry.reportProgress(this.#owner, this.#principal, { run_id, progress })
  }

  #takeOver(run_id: string): void {
    this.#check(this.#world.registry.start(this.#owner, this.#principal, { run_id }), (reply) => {
      ensure(reply.ok || this.#world.store.deleted.has(run_id), "a run could not be taken over")
    })
  }

  #complete(run_id: string): void {
    const outcome = { status: this.#random.pick(["success", "failure"] as const) }
    for (let time = this.#random.chance(0.3) ? 2 : 1; time > 0; time--) {
      const inferred = this.#random.chance(0.3)
      const payload = { run_id, outcome, inferred }
      const answer = this.#world.registry.complete(this.#owner, this.#principal, payload)
      if (!inferred) this.#check(answer, (reply) => this.#completed(run_id, reply))
    }
  }

  #completed(run_id: string, reply: Reply<"runs.complete">): void {
    const { store, completed } = this.#world
    ensure(store.isFinal(run_id), "an end was acknowledged that is not stored")
    if (!reply.ok || reply.duplicate === true) return
    ensure(!completed.has(run_id), "two callers were told that they ended a run")
    completed.add(run_id)
  }

  #someTurns(): Turns {
    const random = this.#random
    const size = random.chance(0.2) ? 900 : 40
    return Array.from({ length: 1 + random.below(random.chance(0.1) ? 12 : 3) }, () =>
      aTurn({ output: `${this.#world.written++}`.padEnd(random.below(size), "x") }),
    )
  }
}
