import { v7 } from "uuid"
import { matchesAgent, type Principal } from "@/lib/protocol/access"
import { utf8Bytes } from "@/lib/protocol/bytes"
import type { CommandName, CommandPayload, Refusal, Reply } from "@/lib/protocol/catalog"
import { wireError } from "@/lib/protocol/codes"
import { LIMITS } from "@/lib/protocol/limits"
import { isoTime } from "@/server/platform/Clock"
import type { RunRow } from "@/server/store/RunStore"
import { isUnfinishedImport } from "@/server/store/runTransitions"
import { BatchRecorder } from "./BatchRecorder"
import { createNewRun, type StartPayload } from "./createNewRun"
import { findSessionRun, namesSession } from "./findSessionRun"
import { RunImporter } from "./import/RunImporter"
import type { LiveRun } from "./live/LiveRun"
import { RegistryCore, type RegistryParts } from "./RegistryCore"
import type { RunOwner } from "./RegistryEvents"
import { RunControl } from "./RunControl"
import { notFound, refusalOf, tooManyLabels, unavailable } from "./refusals"

/** How long after a restart a missing agent doesn't count as trouble. */
const RETURN_MS = 5_000

type Payload<N extends CommandName> = CommandPayload<N>

/**
 * Executes all commands that change runs. Every change is first committed by the store, then published to the listener,
 * then acknowledged. Commands of one connection reach the store in the order in which they are called.
 */
export class RunRegistry {
  readonly #core: RegistryCore
  readonly #recorder: BatchRecorder
  readonly #control: RunControl
  readonly #importer: RunImporter
  readonly #mintRunId: () => string

  constructor(parts: RegistryParts) {
    this.#core = new RegistryCore(parts)
    this.#recorder = new BatchRecorder(this.#core)
    this.#control = new RunControl(this.#core)
    this.#mintRunId = parts.mintRunId ?? (() => v7())
    this.#importer = new RunImporter(this.#core, this.#mintRunId)
  }

  /** Loads the runs in progress and starts the full grace period of each run. */
  async open(): Promise<void> {
    const { live, grace, store } = this.#core
    for (const row of await grace.pending()) {
      if (isUnfinishedImport(row)) await store.discardImport(row)
      else if (live.get(row.run_id) === undefined) this.#resume(this.#core.adopt(row))
    }
    // This isn't awaited: until the recent turns have been read, only the sparkline and the trouble of these runs are
    // incomplete.
    void this.#recall([...live.values()])
  }

  /** Starts the grace period of a run that was in progress when the server stopped. */
  #resume(run: LiveRun): void {
    const { grace, clock, trouble } = this.#core
    // The agent is probably reconnecting, unless it was already disconnected before the restart.
    if (run.disconnectedAt === undefined) run.quietUntilMs = clock.monotonic() + RETURN_MS
    if (run.row.cursor > 0) run.signs.startRecall()
    grace.begin(run)
    trouble.update(run)
  }

  /** Reads the recent turns of runs, one run after the other. */
  async #recall(runs: readonly LiveRun[]): Promise<void> {
    const { live } = this.#core
    for (const run of runs)
      if (live.get(run.row.run_id) === run && run.row.cursor > 0) await this.#core.recall(run)
  }

  /** Stops all timers without marking runs as disconnected. Commands in progress still finish. */
  async close(): Promise<void> {
    this.#core.trouble.stop()
    this.#core.ownership.stop()
    for (const run of this.#core.live.values()) run.stop()
  }

  /** Starts a run, or takes over the existing run that has the given `run_id` or the agent's idempotency key. */
  async start(
    owner: RunOwner,
    principal: Principal,
    payload: Payload<"runs.start">,
  ): Promise<Reply<"runs.start">> {
    return payload.run_id === undefined
      ? this.#startNew(owner, principal, payload)
      : this.#takeOver(owner, principal, payload.run_id)
  }

  async #startNew(
    owner: RunOwner,
    principal: Principal,
    payload: StartPayload,
  ): Promise<Reply<"runs.start">> {
    const now = isoTime(this.#core.clock.now())
    const caller = { run_id: this.#mintRunId(), owner, principal, now }
    const run = createNewRun(this.#core.redactor, caller, payload)
    if ("error" in run) return { ok: false, error: run.error }
    try {
      const other = namesSession(run) ? await findSessionRun(this.#core.store, run) : undefined
      if (other !== undefined) return this.#takeOver(owner, principal, other.run_id)
      const { created, row } = await this.#core.store.start(run)
      this.#core.own(row, owner)
      if (created) this.#core.publishRelatives(row)
      return startReply(row, created)
    } catch (cause) {
      return unavailable(cause)
    }
  }

  async #takeOver(owner: RunOwner, principal: Principal, run_id: string): Promise<Reply<"runs.start">> {
    try {
      const at = isoTime(this.#core.clock.now())
      const taken = await this.#core.store.takeOver({ run_id, writer: principal.write, owner: owner.id, at })
      const { row } = taken
      if (!taken.ok && (taken.code !== "already_terminal" || row === undefined)) return refusalOf(taken)
      if (row === undefined) return notFound()
      this.#core.own(row, owner)
      return startReply(row, false)
    } catch (cause) {
      return unavailable(cause)
    }
  }

  /** Appends a batch, all or nothing. */
  recordTurns(
    owner: RunOwner,
    principal: Principal,
    payload: Payload<"runs.record_turns">,
  ): Promise<Reply<"runs.record_turns">> {
    return this.#recorder.record(owner, principal, payload)
  }

  /** Updates a run's progress, which isn't stored. */
  async reportProgress(
    owner: RunOwner,
    principal: Principal,
    payload: Payload<"runs.report_progress">,
  ): Promise<Reply<"runs.report_progress">> {
    const { run_id, progress, replace } = payload
    const { live } = this.#core
    if (live.get(run_id) === undefined) {
      // The run has ended, or its agent has moved to this node from another one.
      const refusal = await this.#takeOverFromOtherNode(owner, principal, run_id)
      if (refusal !== undefined) return refusal
    }
    const run = live.get(run_id)
    if (run === undefined || !matchesAgent(principal.write, run.row.agent_id)) return notFound()
    run.markSeen(owner)
    run.progress.report(owner, progress, replace)
    this.#core.trouble.check(run)
    return { ok: true, run_id }
  }

  /** Changes descriptive fields of a run in progress. */
  async update(
    owner: RunOwner,
    principal: Principal,
    payload: Payload<"runs.update">,
  ): Promise<Reply<"runs.update">> {
    const { run_id, ...fields } = payload
    const changes = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
    try {
      const updated = await this.#core.store.update({
        run_id,
        writer: principal.write,
        owner: owner.id,
        changes: this.#core.redact(changes),
        ...this.#core.fenceOf(owner, run_id),
      })
      if (!updated.ok)
        return updated.code === "too_large" ? tooManyLabels() : refusalOf(this.#core.refused(updated, owner))
      const run = this.#core.own(updated.row, owner)
      if (run !== undefined) this.#core.publishChange(run)
      return { ok: true, run_id }
    } catch (cause) {
      return unavailable(cause)
    }
  }

  /** Ends a run with its agent's outcome. */
  async complete(
    owner: RunOwner,
    principal: Principal,
    payload: Payload<"runs.complete">,
  ): Promise<Reply<"runs.complete">> {
    const { run_id, outcome, inferred } = payload
    if (utf8Bytes(JSON.stringify(outcome)) > LIMITS.outcomeBytes) {
      const message = `The outcome is larger than ${LIMITS.outcomeBytes} bytes.`
      return { ok: false, error: wireError("too_large", message) }
    }
    try {
      const end = await this.#core.store.complete({
        run_id,
        writer: principal.write,
        owner: owner.id,
        outcome: this.#core.redact(outcome),
        ended_at: isoTime(this.#core.clock.now()),
        ...(inferred !== undefined && { inferred }),
        ...this.#core.fenceOf(owner, run_id),
      })
      if (!end.ok) return refusalOf(this.#core.refused(end, owner))
      if (end.duplicate) return { ok: true, run_id, duplicate: true }
      this.#core.publishEnd(end.row)
      return { ok: true, run_id }
    } catch (cause) {
      return unavailable(cause)
    }
  }

  /**
   * Ends a run as incomplete because nothing more was received for it. Later turns reopen the run. Has no effect if the
   * run has another owner.
   */
  async abandon(
    principal: Principal,
    { run_id, owner }: { run_id: string; owner: string },
  ): Promise<Reply<"runs.complete">> {
    const { live, store, clock } = this.#core
    try {
      const row = live.get(run_id)?.row ?? (await store.get(run_id))
      if (row === undefined || !matchesAgent(principal.write, row.agent_id)) return notFound()
      const end = await store.abandon({ run_id, owner, ended_at: isoTime(clock.now()) })
      if (!end.ok) return refusalOf(end)
      this.#core.publishEnd(end.row)
      return { ok: true, run_id }
    } catch (cause) {
      return unavailable(cause)
    }
  }

  /** Imports an exported run. `records`: its records as JSON. */
  importRun(principal: Principal, records: AsyncIterable<string> | Iterable<string>) {
    return this.#importer.import(principal, records)
  }

  cancel(principal: Principal, payload: Payload<"runs.cancel">): Promise<Reply<"runs.cancel">> {
    return this.#control.cancel(principal, payload)
  }

  delete(principal: Principal, payload: Payload<"runs.delete">): Promise<Reply<"runs.delete">> {
    return this.#control.delete(principal, payload)
  }

  deleteEndedBefore(time: string, limit: number): Promise<number> {
    return this.#control.deleteEndedBefore(time, limit)
  }

  /** Called when another node has changed the stored row of a live run: its children or its cancellation request. */
  onStoredChange(run: LiveRun): void {
    this.#core.ownership.requestCancel(run)
    this.#core.publishChange(run)
  }

  /**
   * Called when a writing connection has closed. Its runs pass to other connections that have written to them, or their
   * grace periods start.
   */
  ownerClosed(owner: RunOwner): void {
    this.#core.ownership.closed(owner)
  }

  /**
   * Takes over a run of another node, because the run's agent now reports to this node. Returns the refusal if that
   * isn't possible.
   */
  async #takeOverFromOtherNode(
    owner: RunOwner,
    principal: Principal,
    run_id: string,
  ): Promise<Refusal | undefined> {
    try {
      const row = await this.#core.store.get(run_id)
      if (row === undefined || !matchesAgent(principal.write, row.agent_id)) return notFound()
      if (row.status !== "in_progress") return refusalOf({ ok: false, code: "already_terminal", row })
      if (this.#core.fenceOf(owner, run_id).fence !== undefined)
        return refusalOf(this.#core.refused({ ok: false, code: "fenced", row }, owner))
      const at = isoTime(this.#core.clock.now())
      const taken = await this.#core.store.takeOver({ run_id, writer: principal.write, owner: owner.id, at })
      if (!taken.ok) return refusalOf(taken)
      this.#core.own(taken.row, owner)
      return undefined
    } catch (cause) {
      return unavailable(cause)
    }
  }
}

function startReply(row: RunRow, created: boolean): Reply<"runs.start"> {
  const { run_id, agent_id, cursor, status, ended_at } = row
  const { recorded_by } = row.labels
  return {
    ...{ ok: true, run_id, agent_id, created, cursor, status },
    ...(ended_at !== undefined && { ended_at }),
    ...(recorded_by !== undefined && { recorded_by }),
  }
}
