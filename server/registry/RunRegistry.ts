import { v7 } from "uuid"
import { matchesAgent, type Principal, readPatterns } from "@/lib/protocol/access"
import { fitsBytes, utf8Bytes } from "@/lib/protocol/bytes"
import type { CommandName, CommandPayload, Refusal, Reply } from "@/lib/protocol/catalogue"
import { wireError } from "@/lib/protocol/codes"
import { LIMITS, type Limits } from "@/lib/protocol/limits"
import type { Progress } from "@/lib/protocol/run"
import { type Clock, isoTime } from "@/server/platform/Clock"
import type { Redactor } from "@/server/redact/Redactor"
import type { AppendBatch, AppendResult, RunRow, RunStore } from "@/server/store/RunStore"
import { keepForWire, type PreparedTurn, placeTurns, prepareTurn, type WireTurn } from "./encodeTurn"
import type { LiveRun } from "./LiveRun"
import type { LiveRuns } from "./LiveRuns"
import type { RegistryListener, RunOwner } from "./RegistryEvents"
import { RunOwnership } from "./RunOwnership"
import { recallRecent } from "./recallRecent"
import { batchRefusal, batchRefusalOf, notFound, refusalOf, unavailable } from "./refusals"
import { resolveAgentId } from "./resolveAgentId"
import { summariseRun } from "./summariseRun"

type Payload<N extends CommandName> = CommandPayload<N>

/**
 * The authority over runs: starts, appends, ends, takes over. Everything is committed by the store first, then told to
 * the listener, then answered. Commands of one connection reach the store in the order in which they are called.
 */
export class RunRegistry {
  readonly #store: RunStore
  readonly #clock: Clock
  readonly #limits: Limits
  readonly #listener: RegistryListener
  readonly #live: LiveRuns
  readonly #mintRunId: () => string
  readonly #redactor: Redactor | undefined
  readonly #ownership: RunOwnership

  constructor(parts: {
    store: RunStore
    clock: Clock
    limits: Limits
    listener: RegistryListener
    /** Shared with the `RunQueries`, which shows what is known of a run live. */
    live: LiveRuns
    mintRunId?: () => string
    /** Takes secrets out of all that agents send; without one it is kept as it comes. */
    redactor?: Redactor | undefined
  }) {
    this.#store = parts.store
    this.#clock = parts.clock
    this.#limits = parts.limits
    this.#listener = parts.listener
    this.#live = parts.live
    this.#mintRunId = parts.mintRunId ?? (() => v7())
    this.#redactor = parts.redactor
    this.#ownership = new RunOwnership({
      store: parts.store,
      clock: parts.clock,
      live: parts.live,
      graceMs: parts.limits.graceMs,
      changed: (run) => this.#changed(run),
      ended: (row) => this.#ended(row),
    })
  }

  /** Loads the runs in progress and gives each its whole grace from now on. */
  async open(): Promise<void> {
    for (const row of await this.#store.inProgress()) {
      if (this.#live.get(row.run_id) === undefined) this.#ownership.beginGrace(this.#adopt(row))
    }
    // Nobody waits for it: a strip in a list fills a moment later.
    void this.#recall([...this.#live.values()])
  }

  async #recall(runs: readonly LiveRun[]): Promise<void> {
    for (const run of runs) {
      if (this.#live.get(run.row.run_id) !== run) continue
      // A strip that stays empty is no reason to fail.
      await recallRecent(this.#store, run, this.#clock).catch(() => {})
    }
  }

  /** Stops every timer; no run is marked. Commands under way still come to their end. */
  async close(): Promise<void> {
    this.#ownership.stop()
    for (const run of this.#live.values()) run.stop()
  }

  /** Starts a run, or takes over the one that `run_id` or this agent's key names. */
  async start(
    owner: RunOwner,
    principal: Principal,
    payload: Payload<"runs.start">,
  ): Promise<Reply<"runs.start">> {
    if (payload.run_id !== undefined) return this.#takeOver(owner, principal, payload.run_id)
    const { agent_id, idempotency_key, parent } = payload
    const { intent, agent_name, outcome_description, labels } = this.#redacted({
      intent: payload.intent,
      agent_name: payload.agent_name,
      outcome_description: payload.outcome_description,
      labels: payload.labels,
    })
    const agent = resolveAgentId(principal, { agent_id, agent_name })
    if ("error" in agent) return { ok: false, error: agent.error }
    try {
      const { created, row } = await this.#store.start({
        run_id: this.#mintRunId(),
        agent_id: agent.agent_id,
        client_id: owner.client_id,
        intent,
        started_at: isoTime(this.#clock.now()),
        labels: labels ?? {},
        owner: owner.id,
        ...(agent_name !== undefined && { agent_name }),
        ...(outcome_description !== undefined && { outcome_description }),
        ...(idempotency_key !== undefined && { idempotency_key }),
        ...(parent !== undefined && { parent }),
      })
      this.#owned(row, owner)
      if (created && row.parent !== undefined) this.#tellParent(row.parent.run_id)
      return started(row, created)
    } catch (cause) {
      return unavailable(cause)
    }
  }

  async #takeOver(owner: RunOwner, principal: Principal, run_id: string): Promise<Reply<"runs.start">> {
    try {
      const taken = await this.#store.takeOver({ run_id, writer: principal.write, owner: owner.id })
      const { row } = taken
      if (!taken.ok && (taken.code !== "already_terminal" || row === undefined)) return refusalOf(taken)
      if (row === undefined) return notFound()
      this.#owned(row, owner)
      return started(row, false)
    } catch (cause) {
      return unavailable(cause)
    }
  }

  /** Appends a batch, all or nothing. What waits for the disk keeps of the turns only what somebody follows. */
  recordTurns(
    owner: RunOwner,
    principal: Principal,
    payload: Payload<"runs.record_turns">,
  ): Promise<Reply<"runs.record_turns">> {
    const { run_id } = payload
    const turns = payload.turns.map((turn) => prepareTurn(turn, this.#redactor))
    if (!turns.every(({ encoded }) => fitsBytes(encoded.body, this.#limits.maxTurnBytes))) {
      const message = `A turn is larger than ${this.#limits.maxTurnBytes} bytes.`
      return Promise.resolve(batchRefusal(run_id, wireError("too_large", message), "turn_too_large"))
    }
    const mark = this.#writable(principal, run_id)?.progress.markBatch()
    const followed = this.#listener.follows(run_id) ? turns.map(keepForWire) : undefined
    return this.#store.append(this.#batchOf(owner, principal, payload, turns)).then(
      (result) =>
        result.ok ? this.#appended(owner, result, followed, mark) : batchRefusalOf(run_id, result),
      (cause) => batchRefusal(run_id, unavailable(cause).error),
    )
  }

  #batchOf(
    owner: RunOwner,
    principal: Principal,
    { run_id, idempotency_key, expected_index }: Payload<"runs.record_turns">,
    turns: readonly PreparedTurn[],
  ): AppendBatch {
    const batch: AppendBatch = {
      run_id,
      writer: principal.write,
      owner: owner.id,
      turns: turns.map((turn) => turn.encoded),
      recorded_at: isoTime(this.#clock.now()),
      maxTurns: this.#limits.maxTurnsPerRun,
    }
    if (idempotency_key !== undefined) batch.idempotency_key = idempotency_key
    if (expected_index !== undefined) batch.expected_index = expected_index
    return batch
  }

  #appended(
    owner: RunOwner,
    { base_index, count, duplicate, recorded_at, row }: Extract<AppendResult, { ok: true }>,
    turns: readonly WireTurn[] | undefined,
    mark: number | undefined,
  ): Reply<"runs.record_turns"> {
    const { run_id } = row
    const run = this.#live.get(run_id)
    run?.update(row)
    if (run !== undefined) this.#ownership.wrote(run, owner)
    if (duplicate) return { ok: true, run_id, base_index, count, duplicate }
    run?.recent.add(count)
    this.#listener.turnsStored({
      run_id,
      from: base_index,
      count,
      run: () => this.#live.summarise(row),
      turns: () => turns && placeTurns(turns, base_index, recorded_at),
    })
    // After the turns are told, so that no reader sees the one go before the other comes.
    if (mark !== undefined) run?.progress.clearMarked(mark)
    return { ok: true, run_id, base_index, count }
  }

  /** Notes what the agent does now; nothing of it is stored. */
  async reportProgress(
    owner: RunOwner,
    principal: Principal,
    payload: Payload<"runs.report_progress">,
  ): Promise<Reply<"runs.report_progress">> {
    const { run_id, progress } = payload
    const run = this.#writable(principal, run_id)
    if (run === undefined) return this.#notInProgress(principal, run_id)
    run.sign(owner)
    run.progress.report(owner, progress)
    return { ok: true, run_id }
  }

  /** Ends a run with its agent's outcome. */
  async complete(
    owner: RunOwner,
    principal: Principal,
    payload: Payload<"runs.complete">,
  ): Promise<Reply<"runs.complete">> {
    const { run_id, outcome } = payload
    if (utf8Bytes(JSON.stringify(outcome)) > LIMITS.outcomeBytes) {
      const message = `The outcome is larger than ${LIMITS.outcomeBytes} bytes.`
      return { ok: false, error: wireError("too_large", message) }
    }
    try {
      const end = await this.#store.complete({
        run_id,
        writer: principal.write,
        owner: owner.id,
        outcome: this.#redacted(outcome),
        ended_at: isoTime(this.#clock.now()),
      })
      if (!end.ok) return refusalOf(end)
      if (end.duplicate) return { ok: true, run_id, duplicate: true }
      this.#ended(end.row)
      return { ok: true, run_id }
    } catch (cause) {
      return unavailable(cause)
    }
  }

  /** Asks the run's owner to stop; ends nothing. */
  async cancel(principal: Principal, payload: Payload<"runs.cancel">): Promise<Reply<"runs.cancel">> {
    if (!principal.control) return { ok: false, error: wireError("forbidden") }
    const { run_id } = payload
    const reason = this.#redacted(payload.reason)
    try {
      const wish = await this.#store.requestCancel({
        run_id,
        readers: readPatterns(principal),
        at: isoTime(this.#clock.now()),
        ...(reason !== undefined && { reason }),
      })
      if (!wish.ok) return refusalOf(wish)
      const run = this.#live.get(run_id)
      if (run === undefined) return { ok: true, run_id, delivered: false }
      run.update(wish.row)
      const delivered = this.#ownership.tellOfCancel(run, true)
      this.#changed(run)
      return { ok: true, run_id, delivered }
    } catch (cause) {
      return unavailable(cause)
    }
  }

  /** Deletes an ended run with its turns. */
  async delete(principal: Principal, payload: Payload<"runs.delete">): Promise<Reply<"runs.delete">> {
    if (!principal.control) return { ok: false, error: wireError("forbidden") }
    const { run_id } = payload
    try {
      const gone = await this.#store.delete({ run_id, readers: readPatterns(principal) })
      if (!gone.ok) {
        if (gone.code !== "forbidden") return refusalOf(gone)
        return { ok: false, error: wireError("forbidden", "Only a run that has ended can be deleted.") }
      }
      this.#listener.runDeleted(run_id)
      if (gone.row.parent !== undefined) this.#tellParent(gone.row.parent.run_id)
      return { ok: true, run_id }
    } catch (cause) {
      return unavailable(cause)
    }
  }

  /** Deletes at most `limit` runs that ended before a time, and tells of it; how many went. Rejects with `StoreUnavailableError`. */
  async deleteEndedBefore(time: string, limit: number): Promise<number> {
    const gone = await this.#store.deleteEndedBefore(time, limit)
    for (const run_id of gone) this.#listener.runDeleted(run_id)
    return gone.length
  }

  /** A connection that wrote has closed: another that has written to the run owns it now, or the run's grace begins. */
  ownerClosed(owner: RunOwner): void {
    this.#ownership.closed(owner)
  }

  #redacted<T>(value: T): T {
    return this.#redactor === undefined ? value : this.#redactor.value(value)
  }

  /** A live run that the caller may write to. */
  #writable(principal: Principal, run_id: string): LiveRun | undefined {
    const run = this.#live.get(run_id)
    return run !== undefined && matchesAgent(principal.write, run.row.agent_id) ? run : undefined
  }

  async #notInProgress(principal: Principal, run_id: string): Promise<Refusal> {
    try {
      const row = await this.#store.get(run_id)
      const mine = row !== undefined && matchesAgent(principal.write, row.agent_id)
      return mine ? refusalOf({ ok: false, code: "already_terminal", row }) : notFound()
    } catch (cause) {
      return unavailable(cause)
    }
  }

  #owned(row: RunRow, owner: RunOwner): void {
    if (row.status !== "in_progress") return
    const run = this.#live.get(row.run_id) ?? this.#adopt(row)
    run.update(row)
    this.#ownership.wrote(run, owner)
  }

  #adopt(row: RunRow): LiveRun {
    return this.#live.add(row, (run, progress) => this.#progressed(run, progress))
  }

  #changed(run: LiveRun): void {
    this.#listener.runChanged(summariseRun(run.row, run))
  }

  #progressed(run: LiveRun, progress: Progress | null): void {
    this.#listener.progressChanged(summariseRun(run.row, run), progress)
    if (run.progress.waiting === run.toldWaiting) return
    run.toldWaiting = run.progress.waiting
    this.#changed(run)
  }

  #ended(row: RunRow): void {
    const run = this.#live.get(row.run_id)
    if (run !== undefined) this.#live.remove(run)
    if (row.termination !== undefined) this.#listener.runEnded(this.#live.summarise(row), row.termination)
  }

  /** A run has a child more or less: whoever looks at it hears of it. */
  #tellParent(run_id: string): void {
    this.#store.get(run_id).then(
      (row) => {
        if (row === undefined) return
        const run = this.#live.get(run_id)
        if (run !== undefined) run.row = { ...run.row, child_count: row.child_count }
        this.#listener.runChanged(this.#live.summarise(row))
      },
      // The child is stored; its parent's readers see it with the parent's next change.
      () => {},
    )
  }
}

function started(row: RunRow, created: boolean): Reply<"runs.start"> {
  const { run_id, agent_id, cursor, status } = row
  return { ok: true, run_id, agent_id, created, cursor, status }
}
