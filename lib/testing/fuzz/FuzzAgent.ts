import type { CommandPayload, Reply } from "@/lib/protocol/catalog"
import { anOwner, aPrincipal, aTurn } from "@/lib/testing/builders"
import type { SeededRandom } from "@/lib/testing/seededRandom"
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

/** An agent with a sequence of connections. Compares each reply with the content of the store at that moment. */
export class FuzzAgent {
  readonly #world: FuzzWorld
  readonly #random: SeededRandom
  readonly #principal
  readonly runs: string[] = []
  /** Batches with an idempotency key, which may be repeated. */
  readonly #keyed: Batch[] = []
  readonly acknowledged: Batch[] = []
  readonly #startedBy = new Map<string, string>()
  /** For each connection: the positions at which each turn was sent. */
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

  /** Sends a random command. */
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

  /** Drops the agent's connection and opens a new one. */
  reconnect(): void {
    this.#world.registry.ownerClosed(this.#owner)
    this.reopen()
  }

  /** Opens a connection to a new process. */
  reopen(): void {
    this.#owner = this.#connect()
  }

  /** Disconnects permanently. */
  disconnect(): void {
    this.#world.registry.ownerClosed(this.#owner)
  }

  /** Checks that an acknowledged batch is stored completely, at the indices stated in its reply. */
  checkStored({ run_id, base = 0, numbers }: Batch): void {
    const log = this.#world.store.log.get(run_id)?.slice(base, base + numbers.length) ?? []
    const isStored = log.map(numberOf).join() === numbers.join()
    this.#world.guarantees.check("I3", isStored, `${run_id}: an acknowledged batch isn't stored`)
  }

  #connect() {
    const id = `${this.agent_id}/${++this.#connections}`
    this.order.set(id, new Map())
    return anOwner(id)
  }

  /** Checks a reply when it arrives. If the check fails, the next step throws the failure. */
  #onReply<R>(reply: Promise<R>, check: (reply: R) => void): void {
    reply.then(check).catch((failure: unknown) => this.#world.failures.push(failure))
  }

  #start(): void {
    const { registry, runIds, maxRuns } = this.#world
    if (runIds.length >= maxRuns * 3) return
    const key = this.#random.chance(0.6) ? `start-${this.#random.below(3)}` : undefined
    const payload = {
      intent: "x",
      agent_id: this.agent_id,
      ...(key !== undefined && { idempotency_key: key }),
    }
    for (let times = this.#random.chance(0.3) ? 2 : 1; times > 0; times--) {
      this.#onReply(registry.start(this.#owner, this.#principal, payload), (reply) =>
        this.#onStarted(key, reply),
      )
    }
  }

  #onStarted(key: string | undefined, reply: Reply<"runs.start">): void {
    const { guarantees, agentOf, runIds, store } = this.#world
    guarantees.check("T10", reply.ok, "a start was refused")
    if (!reply.ok) return
    const { run_id } = reply
    const known = key === undefined ? undefined : this.#startedBy.get(key)
    const isSame = known === undefined || known === run_id || store.deleted.has(known)
    guarantees.check("I10", isSame, "one key started two runs")
    const isOurs = (agentOf.get(run_id) ?? this.agent_id) === this.agent_id
    guarantees.check("I10", isOurs, "two agents got the same run")
    agentOf.set(run_id, this.agent_id)
    if (key !== undefined) this.#startedBy.set(key, run_id)
    if (!this.runs.includes(run_id)) this.runs.push(run_id)
    if (!runIds.includes(run_id)) runIds.push(run_id)
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
    this.#onReply(registry.recordTurns(this.#owner, this.#principal, payload), (reply) =>
      this.#onRecorded(batch, expected, reply),
    )
  }

  #onRecorded(batch: Batch, expected: number | undefined, reply: Reply<"runs.record_turns">): void {
    const { run_id, numbers, key } = batch
    const { store, guarantees } = this.#world
    if (reply.ok) {
      const { base_index, count, duplicate } = reply
      guarantees.check("I3", count === numbers.length, "a part of a batch was acknowledged")
      const isSamePlace = batch.base === undefined || batch.base === base_index
      guarantees.check("I9", isSamePlace, "a batch sent again got another index")
      const isExpected = duplicate === true || expected === undefined || expected === base_index
      guarantees.check("I6", isExpected, "a batch isn't at its expected index")
      batch.base = base_index
      this.acknowledged.push(batch)
      this.checkStored(batch)
      return
    }
    const { code } = reply.error
    guarantees.check("T10", code === "index_conflict" || store.isFinal(run_id), `refused: ${code}`)
    if (key !== undefined) return
    const isStored = store.committed.some(({ number }) => number === numbers[0])
    guarantees.check("I3", !isStored, "a refused batch is stored")
  }

  #report(run_id: string): void {
    const progress = this.#random.chance(0.2) ? null : { text: `p${this.#world.written++}` }
    void this.#world.registry.reportProgress(this.#owner, this.#principal, { run_id, progress })
  }

  #takeOver(run_id: string): void {
    const { registry, store, guarantees } = this.#world
    this.#onReply(registry.start(this.#owner, this.#principal, { run_id }), (reply) =>
      guarantees.check("T10", reply.ok || store.deleted.has(run_id), "a run couldn't be taken over"),
    )
  }

  #complete(run_id: string): void {
    const outcome = { status: this.#random.pick(["success", "failure"] as const) }
    for (let times = this.#random.chance(0.3) ? 2 : 1; times > 0; times--) {
      const inferred = this.#random.chance(0.3)
      const payload = { run_id, outcome, inferred }
      const reply = this.#world.registry.complete(this.#owner, this.#principal, payload)
      if (!inferred) this.#onReply(reply, (received) => this.#onCompleted(run_id, received))
    }
  }

  #onCompleted(run_id: string, reply: Reply<"runs.complete">): void {
    const { store, completed, guarantees } = this.#world
    guarantees.check("I4", store.isFinal(run_id), "an acknowledged end isn't stored")
    if (!reply.ok || reply.duplicate === true) return
    guarantees.check("I11", !completed.has(run_id), "a run was completed twice")
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
