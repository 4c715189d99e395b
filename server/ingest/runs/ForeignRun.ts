import { createHash } from "node:crypto"
import type { Operation, StartOperation } from "@/lib/dialects/operations"
import type { Principal } from "@/lib/protocol/access"
import { keepStart } from "@/lib/protocol/bytes"
import type { ProgressInput } from "@/lib/protocol/commands"
import { LIMITS } from "@/lib/protocol/limits"
import type { TurnInput } from "@/lib/protocol/turn"
import { type Clock, isoTime } from "@/server/platform/Clock"
import { findSessionRun } from "@/server/registry/findSessionRun"
import type { RunOwner } from "@/server/registry/RegistryEvents"
import type { RunRegistry } from "@/server/registry/RunRegistry"
import type { RunStore } from "@/server/store/RunStore"
import { cutLabels } from "./cutLabels"
import { KnownTurns, turnIds } from "./KnownTurns"
import { cutName, isPlausible } from "./prepareTurn"
import { startPayload } from "./startPayload"

export type ForeignRunParts = {
  registry: RunRegistry
  store: Pick<RunStore, "turns" | "list">
  clock: Clock
  owner: RunOwner
  principal: Principal
  /** Unique among the foreign runs of all tokens. */
  idempotencyKey: string
}

/**
 * A foreign run in the registry. Methods that return a boolean return false if the store is unavailable and the call
 * must be repeated.
 */
export class ForeignRun {
  readonly #parts: ForeignRunParts
  #runId: string | undefined
  /** The number of the run's turns, as far as it is known. */
  #cursor = 0
  /** The turns of a run that was found again. Undefined for a run that is new. */
  #known: KnownTurns | undefined
  #reported = "null"
  #isLost = false
  #isFollowing = false

  constructor(parts: ForeignRunParts) {
    this.#parts = parts
  }

  /** True if turns can be added. */
  get isOpen(): boolean {
    return this.#runId !== undefined && !this.#isLost
  }

  /** True if another writer writes this session's run: a watcher of its file, or its hooks. */
  get isFollowing(): boolean {
    return this.#isFollowing
  }

  /** Starts or finds the run, unless another writer writes it. */
  async begin(operation: StartOperation): Promise<boolean> {
    const { registry, owner, principal, clock, idempotencyKey } = this.#parts
    if (this.#runId !== undefined) return true
    this.#isFollowing = await this.#isWrittenElsewhere(operation)
    if (this.#isFollowing) return true
    const payload = startPayload(operation, idempotencyKey, clock.now())
    if (isSession(operation)) payload.labels = { ...payload.labels, ...sessionLabels(operation) }
    const reply = await registry.start(owner, principal, payload)
    if (!reply.ok) {
      if (reply.error.code === "unavailable") return false
      this.#isLost = true
      return true
    }
    if (!reply.created && reply.cursor > 0) await this.#readStored(reply.run_id)
    else this.#cursor = reply.cursor
    this.#runId = reply.run_id
    this.#isLost = false
    return true
  }

  isStored(turn: TurnInput): boolean {
    return this.#known?.has(turn) === true
  }

  /** Appends turns to an open run. `retry` means that nothing was stored, but that a repeated call may succeed. */
  async record(
    turns: TurnInput[],
    progress: ProgressInput | null,
  ): Promise<"stored" | "retry" | { refused: string }> {
    const { registry, owner, principal } = this.#parts
    const run_id = this.#runId
    if (run_id === undefined) return { refused: "run" }
    const reply = await registry.recordTurns(owner, principal, {
      run_id,
      turns,
      expected_index: this.#cursor,
      idempotency_key: batchKey(turns.flatMap(turnIds)),
      progress,
    })
    if (!reply.ok) {
      const { code } = reply.error
      if (code === "unavailable") return "retry"
      if (code === "index_conflict") {
        // Another node has written to the run, or an earlier attempt was stored although it seemed to have failed.
        await this.#readStored(run_id)
        return "retry"
      }
      if (code === "not_found") this.#isLost = true
      return { refused: code }
    }
    this.#cursor = Math.max(this.#cursor, reply.base_index + reply.count)
    this.#reported = JSON.stringify(progress)
    for (const turn of turns) this.#known?.add(turn)
    return "stored"
  }

  /** Reports progress if it has changed. */
  async report(progress: ProgressInput | null): Promise<void> {
    const text = JSON.stringify(progress)
    if (this.#runId === undefined || this.#isLost || text === this.#reported) return
    this.#reported = text
    const { registry, owner, principal } = this.#parts
    // A failed report isn't repeated, because the next report replaces it.
    await registry.reportProgress(owner, principal, { run_id: this.#runId, progress, replace: true })
  }

  async update(operation: Extract<Operation, { op: "update" }>): Promise<boolean> {
    if (this.#runId === undefined || this.#isLost) return true
    const { registry, owner, principal } = this.#parts
    const { intent, agent_name, outcome_description, labels } = operation
    const reply = await registry.update(owner, principal, {
      run_id: this.#runId,
      ...(intent !== undefined && { intent: keepStart(intent, LIMITS.intentBytes) }),
      ...(agent_name !== undefined && { agent_name: cutName(agent_name) }),
      ...(outcome_description !== undefined && {
        outcome_description: keepStart(outcome_description, LIMITS.noteBytes),
      }),
      ...(labels !== undefined && { labels: cutLabels(labels) }),
    })
    return reply.ok || reply.error.code !== "unavailable"
  }

  async end(operation: Extract<Operation, { op: "end" }>): Promise<boolean> {
    if (this.#runId === undefined || this.#isLost) return true
    const { registry, owner, principal, clock } = this.#parts
    const run_id = this.#runId
    this.#reported = "null"
    if (operation.status === "incomplete") {
      const reply = await registry.abandon(principal, { run_id, owner: owner.id })
      return reply.ok || reply.error.code !== "unavailable"
    }
    const { status, summary, ended_at } = operation
    const reply = await registry.complete(owner, principal, {
      run_id,
      inferred: true,
      outcome: {
        status,
        ...(summary !== undefined && { summary: keepStart(summary, LIMITS.summaryBytes) }),
        ...(ended_at !== undefined && isPlausible(ended_at, clock.now()) && { timestamp: ended_at }),
      },
    })
    return reply.ok || reply.error.code !== "unavailable"
  }

  /** Returns true if the run is a session that a better source (a watcher or hooks) already writes. */
  async #isWrittenElsewhere(operation: StartOperation): Promise<boolean> {
    if (!isSession(operation)) return false
    const { store, principal, clock } = this.#parts
    const now = isoTime(clock.now())
    const { agent_id, source, started_at = now } = operation
    const start = { agent_id, source, started_at, received_at: now, writer: principal.write }
    return (await findSessionRun(store, start)) !== undefined
  }

  /** Reads the turns of a run that existed before, so that they aren't stored again. */
  async #readStored(run_id: string): Promise<void> {
    const known = new KnownTurns()
    for (let from = 0; ; ) {
      const { turns } = await this.#parts.store.turns({
        run_id,
        from,
        limit: 1_000,
        maxBytes: 8 * 1024 * 1024,
        // A preview may lack the attributes, which contain the turn's id.
        whole: true,
      })
      if (turns.length === 0) {
        this.#known = known
        this.#cursor = from
        return
      }
      for (const text of turns) known.add(JSON.parse(text))
      from += turns.length
    }
  }
}

function batchKey(ids: readonly string[]): string {
  return `ingest:${createHash("sha256").update(ids.join("\n")).digest("hex")}`
}

/** Returns true for the telemetry of a command-line agent, whose runs are its sessions. */
function isSession({ key, source }: StartOperation): boolean {
  return source.session !== undefined && key === `${source.name}:${source.session}`
}

/** Returns the labels by which other writers find the run and don't add turns to it. */
function sessionLabels({ source }: StartOperation): Record<string, string> {
  return cutLabels({ session: source.session ?? "", recorded_by: "otlp" })
}
