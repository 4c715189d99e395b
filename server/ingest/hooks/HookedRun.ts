import { createHash } from "node:crypto"
import type { EndOperation, StartOperation, UpdateOperation } from "@/lib/dialects/operations"
import type { Principal } from "@/lib/protocol/access"
import { keepStart } from "@/lib/protocol/bytes"
import type { Refusal } from "@/lib/protocol/catalog"
import type { ProgressInput } from "@/lib/protocol/commands"
import { LIMITS } from "@/lib/protocol/limits"
import type { TurnInput } from "@/lib/protocol/turn"
import { cutLabels } from "@/server/ingest/runs/cutLabels"
import { isPlausible } from "@/server/ingest/runs/prepareTurn"
import { startPayload } from "@/server/ingest/runs/startPayload"
import type { Clock } from "@/server/platform/Clock"
import type { RunOwner } from "@/server/registry/RegistryEvents"
import type { RunRegistry } from "@/server/registry/RunRegistry"
import { type RunStore, StoreUnavailableError } from "@/server/store/RunStore"

/**
 * The value of the label `recorded_by`. It tells other writers of the session that hooks write the run's turns.
 */
const RECORDED_BY = "hooks"
const MAX_PROCESSES = 10_000

export type HookedRunParts = {
  registry: RunRegistry
  store: Pick<RunStore, "get">
  clock: Clock
  owner: RunOwner
  principal: Principal
}

export type RunReferences = { parent?: string | undefined; continues?: string | undefined }

/**
 * `follow`: another writer writes the run's turns. `over`: the run accepts nothing more. `full`: the run has the
 * maximum number of turns. `again`: retry immediately. `unavailable`: retry later.
 */
export type HookResult = "done" | "follow" | "over" | "full" | "again" | "unavailable"

/** A run of a session, written by hooks or by another writer. */
export class HookedRun {
  readonly #parts: HookedRunParts
  readonly runId: string
  readonly agentId: string
  readonly isNew: boolean
  #cursor: number
  /** True if the run has the label `recorded_by` with which hooks claim the run's turns. */
  #isClaimed: boolean
  #isFollowed: boolean

  private constructor(parts: HookedRunParts, reply: Started) {
    this.#parts = parts
    this.runId = reply.run_id
    this.agentId = reply.agent_id
    this.isNew = reply.created
    this.#cursor = reply.cursor
    this.#isClaimed = reply.recorded_by === RECORDED_BY
    this.#isFollowed = !this.#isClaimed && (reply.recorded_by !== undefined || reply.cursor > 0)
  }

  /** Starts or finds the run of a session's n-th process. Skips completed runs, which belong to earlier processes. */
  static async start(
    parts: HookedRunParts,
    operation: StartOperation,
    { parent, continues }: RunReferences,
    from: number,
  ): Promise<{ run: HookedRun; n: number } | "over" | "unavailable"> {
    const { registry, clock, owner, principal } = parts
    let last = continues
    for (let n = from; n < from + MAX_PROCESSES; n++) {
      const key = n === 1 ? operation.key : `${operation.key}.${n}`
      const reply = await registry.start(owner, principal, {
        ...startPayload(operation, key, clock.now()),
        ...(parent !== undefined && { parent: { run_id: parent } }),
        ...(last !== undefined && { continues: { run_id: last } }),
      })
      if (!reply.ok) return reply.error.code === "unavailable" ? "unavailable" : "over"
      if (reply.status !== "completed") return { run: new HookedRun(parts, reply), n }
      // A sub-agent has only one process. A run that ended after this event already includes the event.
      if (operation.parent !== undefined || (await endedAfter(parts, reply.run_id, operation.started_at)))
        return "over"
      last = reply.run_id
    }
    return "over"
  }

  /** Returns a run that another writer has written so far; undefined if that writer no longer owns the run. */
  static async followed(parts: HookedRunParts, runId: string): Promise<HookedRun | undefined> {
    const row = await parts.store.get(runId).catch(() => undefined)
    if (row?.status !== "in_progress" || row.disconnected_at !== undefined) return undefined
    if (row.owner === parts.owner.id) return undefined
    const { run_id, agent_id, cursor, status } = row
    const run = new HookedRun(parts, { ok: true, run_id, agent_id, cursor, status, created: false })
    run.#isFollowed = true
    return run
  }

  /** `write` if hooks write the run's turns, `follow` if another writer does; undefined while there is no writer. */
  get role(): "write" | "follow" | undefined {
    if (this.#isClaimed) return "write"
    return this.#isFollowed ? "follow" : undefined
  }

  /** Checks in the store whether another writer has started to write the run's turns. */
  async refresh(): Promise<HookResult> {
    try {
      const row = await this.#parts.store.get(this.runId)
      if (row === undefined || row.status === "completed") return "over"
      // A watcher that has taken over the run is about to write its first turn.
      const isOther =
        row.owner !== this.#parts.owner.id || row.labels.recorded_by !== undefined || row.cursor > 0
      this.#isFollowed = !this.#isClaimed && isOther
      return "done"
    } catch (error) {
      if (error instanceof StoreUnavailableError) return "unavailable"
      throw error
    }
  }

  /** Appends a turn. Repeating a stored turn has no effect. */
  async record(turn: TurnInput, progress: ProgressInput | null): Promise<HookResult> {
    const claimed = await this.#claim()
    if (claimed !== "done") return claimed
    const { registry, owner, principal } = this.#parts
    const reply = await registry.recordTurns(owner, principal, {
      run_id: this.runId,
      turns: [turn],
      expected_index: this.#cursor,
      idempotency_key: turnKey(turn),
      progress,
    })
    if (reply.ok) {
      this.#cursor = Math.max(this.#cursor, reply.base_index + reply.count)
      return "done"
    }
    if (reply.error.code !== "index_conflict") return resultOf(reply)
    return this.#onConflict(reply.error.cursor ?? 0)
  }

  /**
   * Handles a run whose turns aren't the expected ones: they were written before a restart, or another writer wrote the
   * first turn.
   */
  async #onConflict(cursor: number): Promise<HookResult> {
    const wasFirst = this.#cursor === 0
    this.#cursor = cursor
    if (!wasFirst) return "again"
    this.#isClaimed = false
    this.#isFollowed = true
    await this.#update({ labels: { recorded_by: "" } })
    return "follow"
  }

  async #claim(): Promise<HookResult> {
    if (this.#isClaimed) return "done"
    const result = await this.#update({ labels: { recorded_by: RECORDED_BY } })
    this.#isClaimed = result === "done"
    return result
  }

  /** Sets the run's intent, unless another writer started the run. */
  async rename({ intent }: UpdateOperation): Promise<HookResult> {
    if (!this.isNew || intent === undefined || intent.trim() === "") return "done"
    return this.#update({ intent: keepStart(intent, LIMITS.intentBytes) })
  }

  async #update(fields: { intent?: string; labels?: Record<string, string> }): Promise<HookResult> {
    const { registry, owner, principal } = this.#parts
    const { labels, ...rest } = fields
    const reply = await registry.update(owner, principal, {
      run_id: this.runId,
      ...rest,
      ...(labels !== undefined && { labels: cutLabels(labels) }),
    })
    return reply.ok ? "done" : resultOf(reply)
  }

  /** Reports progress. */
  async report(progress: ProgressInput | null): Promise<HookResult> {
    const { registry, owner, principal } = this.#parts
    const payload = { run_id: this.runId, progress, replace: true } as const
    const reply = await registry.reportProgress(owner, principal, payload)
    return reply.ok ? "done" : resultOf(reply)
  }

  /** Ends the run. If the end is inferred, later turns reopen the run. */
  async complete(operation: EndOperation, isInferred: boolean): Promise<HookResult> {
    const { registry, clock, owner, principal } = this.#parts
    if (operation.status === "incomplete") return this.#abandon()
    const { status, summary, ended_at } = operation
    const reply = await registry.complete(owner, principal, {
      run_id: this.runId,
      ...(isInferred && { inferred: true }),
      outcome: {
        status,
        ...(summary !== undefined && { summary: keepStart(summary, LIMITS.summaryBytes) }),
        ...(ended_at !== undefined && isPlausible(ended_at, clock.now()) && { timestamp: ended_at }),
      },
    })
    return reply.ok ? "done" : resultOf(reply)
  }

  /** Ends the run of a silent session as incomplete, unless another writer owns it. */
  async #abandon(): Promise<HookResult> {
    const { registry, owner, principal } = this.#parts
    const reply = await registry.abandon(principal, { run_id: this.runId, owner: owner.id })
    return reply.ok ? "done" : resultOf(reply)
  }
}

type Started = Extract<Awaited<ReturnType<RunRegistry["start"]>>, { ok: true }>

function resultOf({ error, dropped }: Refusal): HookResult {
  if (error.code === "unavailable") return "unavailable"
  return dropped === "run_turn_limit" ? "full" : "over"
}

/** Returns true if a run ended after `time`, both by the server's clock. */
async function endedAfter(
  { store }: HookedRunParts,
  runId: string,
  time: string | undefined,
): Promise<boolean> {
  const row = await store.get(runId).catch(() => undefined)
  const ended = row?.retained_from ?? row?.ended_at
  return ended !== undefined && time !== undefined && Date.parse(ended) > Date.parse(time)
}

function turnKey(turn: TurnInput): string {
  return `hooks:${createHash("sha256").update(JSON.stringify(turn)).digest("hex")}`
}
