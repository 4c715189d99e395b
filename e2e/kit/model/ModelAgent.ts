import { Connection, LOST, type Transport } from "@/e2e/kit/Connection"
import type { SeededRandom } from "@/e2e/kit/seededRandom"
import type { Reply } from "@/lib/protocol/catalog"
import { OUTCOME_STATUSES } from "@/lib/protocol/enums"
import type { TurnInput } from "@/lib/protocol/turn"
import type { Journal } from "./journal"
import { markedBatch } from "./modelTurn"

export type AgentPlan = {
  /** Turns per batch, inclusive range. */
  batch: [number, number]
  /** Batches sent before waiting for their acknowledgements. */
  window: [number, number]
  /** Bytes of a turn's message. */
  bytes: [number, number]
  /** Batches in a run before it is completed and the next one starts. */
  batchesPerRun: [number, number]
  /** Pause between groups of batches, ms. */
  paceMs: [number, number]
}

const BUSY_AGENT: AgentPlan = {
  batch: [1, 20],
  window: [1, 4],
  bytes: [0, 1_500],
  batchesPerRun: [20, 400],
  paceMs: [0, 30],
}

type Batch = { number: number; turns: TurnInput[] }

/**
 * An agent that starts runs, sends random batches, retries lost batches with the same key, and records what it sent and
 * what was acknowledged. Impossible replies are collected in `violations`.
 */
export class ModelAgent {
  readonly connection: Connection
  readonly violations: string[] = []
  acked = 0
  #stopping = false

  constructor(
    readonly options: {
      url: string
      token: string
      id: string
      random: SeededRandom
      journal: Journal
      transport?: Transport | undefined
      plan?: Partial<AgentPlan>
      onRun?: (run_id: string) => void
    },
  ) {
    this.connection = new Connection({ ...options, client_id: `driver-${options.id}` })
  }

  get #plan(): AgentPlan {
    return { ...BUSY_AGENT, ...this.options.plan }
  }

  /** Creates runs until `finish`. Resolves when everything it sent has a reply. */
  async work(): Promise<void> {
    for (let number = 0; !this.#stopping; number++) await this.#oneRun(number)
  }

  /** Sends no new batches, so that `work` resolves once the last one is acknowledged. */
  finish(): void {
    this.#stopping = true
  }

  close(): void {
    this.#stopping = true
    this.connection.close()
  }

  async #oneRun(number: number): Promise<void> {
    const { id, random, journal } = this.options
    const started = await this.connection.askWithRetries("runs.start", {
      agent_id: id,
      intent: `Run ${number} of ${id}`,
      idempotency_key: `${id}-run-${number}`,
      labels: { driver: "model" },
    })
    if (started === LOST) return
    if (!started.ok) return this.#violate(`runs.start refused: ${started.error.code}`)
    const { run_id, created } = started
    journal.write({ what: "started", agent: id, run_id, created })
    this.options.onRun?.(run_id)
    await this.#allBatches(run_id, number)
    // The last run of some agents stays open, like that of a busy agent.
    if (!this.#stopping || random.chance(0.7)) await this.#complete(run_id)
    else this.#stayWith(run_id)
  }

  /**
   * Takes over an open run after every reconnection, so that it ends as incomplete only if the agent stays away. Tries
   * again while the store is unavailable, because no batch follows that would take ownership.
   */
  #stayWith(run_id: string): void {
    const { id, journal } = this.options
    const takeOver = async () => {
      const reply = await this.connection.askWithRetries("runs.start", { run_id })
      if (reply === LOST) return
      const code = reply.ok ? reply.status : reply.error.code
      journal.write({ what: "tookOver", agent: id, run_id, code, at: Date.now() })
      this.#checkTakeOver(run_id, reply)
    }
    this.connection.socket.on("connect", () => void takeOver())
    if (this.connection.socket.connected) void takeOver()
  }

  async #allBatches(run_id: string, runNumber: number): Promise<void> {
    const { id, random } = this.options
    const plan = this.#plan
    let unmade = random.int(...plan.batchesPerRun)
    let unacked: Batch[] = []
    let made = 0
    let connects = this.connection.connects
    while (unacked.length > 0 || (unmade > 0 && !this.#stopping)) {
      if (!(await this.connection.connected())) return
      if (connects !== this.connection.connects) {
        connects = this.connection.connects
        if (random.chance(0.5)) await this.#takeOver(run_id)
      }
      const window = random.int(...plan.window)
      while (unacked.length < window && unmade > 0 && !this.#stopping) {
        const count = random.int(...plan.batch)
        unacked.push({
          number: made,
          turns: markedBatch(random, {
            agent: `${id}#${runNumber}`,
            number: made,
            count,
            bytes: plan.bytes,
          }),
        })
        made++
        unmade--
      }
      unacked = await this.#flight(run_id, unacked)
      const pause = random.int(...plan.paceMs)
      if (pause > 0) await this.connection.pause(pause)
    }
  }

  /** Sends batches back to back. Returns those without an acknowledgement, in order. */
  async #flight(run_id: string, batches: Batch[]): Promise<Batch[]> {
    const answered = await Promise.all(batches.map((batch) => this.#send(run_id, batch)))
    return batches.filter((_, at) => !answered[at])
  }

  async #send(run_id: string, { number, turns }: Batch): Promise<boolean> {
    const { id, journal } = this.options
    journal.write({ what: "sent", agent: id, run_id, batch: number, count: turns.length })
    const reply = await this.connection.ask("runs.record_turns", {
      run_id,
      turns,
      idempotency_key: `batch-${String(number).padStart(8, "0")}`,
    })
    if (reply === LOST) return false
    if (!reply.ok) {
      const { code } = reply.error
      journal.write({ what: "refused", agent: id, run_id, event: "runs.record_turns", batch: number, code })
      if (code === "unavailable" || code === "rate_limited") return false
      this.#violate(`batch ${number} of ${run_id} refused: ${code}`)
      return true
    }
    const { base_index, count, duplicate = false } = reply
    if (count !== turns.length) this.#violate(`batch ${number}: ${count} of ${turns.length} acknowledged`)
    const at = performance.now()
    journal.write({
      what: "acked",
      agent: id,
      run_id,
      batch: number,
      base_index,
      count,
      duplicate: duplicate === true,
      at,
    })
    this.acked += count
    return true
  }

  async #takeOver(run_id: string): Promise<void> {
    const reply = await this.connection.ask("runs.start", { run_id })
    if (reply === LOST) return
    // The store was temporarily unavailable. The next batch takes ownership anyway.
    if (!reply.ok && reply.error.code === "unavailable") return
    this.#checkTakeOver(run_id, reply)
  }

  #checkTakeOver(run_id: string, reply: Reply<"runs.start">): void {
    if (!reply.ok) this.#violate(`take-over of ${run_id} refused: ${reply.error.code}`)
    else if (reply.created || reply.status !== "in_progress")
      this.#violate(`take-over of ${run_id}: created ${reply.created}, ${reply.status}`)
  }

  async #complete(run_id: string): Promise<void> {
    const { id, random, journal } = this.options
    const status = random.pick(OUTCOME_STATUSES)
    journal.write({ what: "ending", agent: id, run_id, status })
    const reply = await this.connection.askWithRetries("runs.complete", {
      run_id,
      outcome: { status, summary: `by ${id}` },
    })
    if (reply === LOST) return
    if (!reply.ok) return this.#violate(`completing ${run_id} refused: ${reply.error.code}`)
    journal.write({ what: "ended", agent: id, run_id, duplicate: reply.duplicate === true })
  }

  #violate(what: string): void {
    if (this.violations.length < 20) this.violations.push(`${this.options.id}: ${what}`)
  }
}
