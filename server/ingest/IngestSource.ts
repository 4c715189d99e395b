import { BoundedMap } from "@/lib/dialects/BoundedMap"
import type { Operation } from "@/lib/dialects/operations"
import type { Principal } from "@/lib/protocol/access"
import type { RunOwner } from "@/server/registry/RegistryEvents"
import { type DialectName, type Due, type OpenDialect, openDialect } from "./ForeignDialect"
import { HookRunWriter } from "./hooks/HookRunWriter"
import { type HookSession, hookSessionOf } from "./hooks/HookSession"
import type { IngestParts } from "./IngestParts"
import type { RequestLedger } from "./RequestLedger"
import { ForeignRunWriter } from "./runs/ForeignRunWriter"
import type { OperationWriter } from "./runs/OperationWriter"
import { Writers } from "./Writers"

const MAX_HOOK_SESSIONS = 10_000

/** The identity of a sender. It is stored so that a restarted server can act on the sender's behalf. */
export type Sender = { token_id: string; name: string; write: readonly string[] }

type SourceParts = {
  name: DialectName
  sender: Sender
  ownerId: string
  parts: IngestParts
  ledger: RequestLedger
  /** Called with the change in the number of operations waiting for the store. */
  onPending: (change: number) => void
}

/**
 * The open runs of one token in one format: the dialect that reads their records, and the writers of its operations.
 */
export class IngestSource {
  readonly name: DialectName
  sender: Sender
  dialect: OpenDialect
  /** The size of the dialect's state when it was last measured. */
  held = 0
  readonly writers = new Writers()
  readonly #owner: RunOwner
  readonly #parts: IngestParts
  readonly #ledger: RequestLedger
  readonly #onPending: (change: number) => void
  /** For each session, the state that the writers of its runs share. */
  readonly #hookSessions = new BoundedMap<string, HookSession>(MAX_HOOK_SESSIONS)
  #isForgotten = false

  constructor({ name, sender, ownerId, parts, ledger, onPending }: SourceParts) {
    this.name = name
    this.sender = sender
    this.dialect = openDialect(name, parts.settings)
    this.#owner = { id: ownerId, client_id: sender.name, requestCancel: () => {} }
    this.#parts = parts
    this.#ledger = ledger
    this.#onPending = onPending
  }

  /** Processes what has become due. Returns true if the size of the dialect's state has changed. */
  advance(now: number): boolean {
    try {
      const due = this.dialect.advance(now)
      this.carryOut(due)
      return due.forgotten.length > 0
    } catch (error) {
      // Replaces the dialect, because it would fail again at every tick.
      this.#parts.logError(error)
      this.dialect = openDialect(this.name, this.#parts.settings)
      return true
    }
  }

  /** Passes operations to the writers of their runs. Forgets the runs that the dialect has forgotten. */
  carryOut({ operations, forgotten }: Due): void {
    this.#dispatch(operations)
    this.#release(forgotten)
  }

  /** Returns the name of a run in the ledger. */
  ledgerKey(key: string): string {
    return `${this.sender.token_id} ${key}`
  }

  /** Stops writing. Operations that are still in progress have no effect on the ledger and the figures. */
  forget(): void {
    this.#isForgotten = true
    this.writers.close()
  }

  #dispatch(operations: readonly Operation[]): void {
    const byRun = new Map<string, Operation[]>()
    for (const operation of operations) {
      const list = byRun.get(operation.key)
      if (list === undefined) byRun.set(operation.key, [operation])
      else list.push(operation)
    }
    for (const [key, list] of byRun) {
      const writer = this.writers.use(key, () => this.#createWriter(key))
      for (const { op } of list) {
        // Only the requests so far can be deleted after this end. Later requests for the same key reopen the run.
        if (op === "end") writer.requests.push(this.#ledger.take(this.ledgerKey(key)))
      }
      writer.push(list)
    }
  }

  /** Deletes the stored requests of runs that the dialect has forgotten, and releases their writers. */
  #release(keys: readonly string[]): void {
    for (const key of keys) {
      this.#ledger.release(this.#ledger.take(this.ledgerKey(key)))
      // A session reported by hooks may continue later under the same key, so its writer is kept.
      if (this.name !== "claude-code-hooks") this.writers.release(key)
    }
  }

  #createWriter(key: string): OperationWriter {
    const { registry, runs, clock, maxTurnBytes, onTurns, onLost, logError } = this.#parts
    const { token_id, name, write } = this.sender
    const principal: Principal = { token_id, name, write, read: [], control: false, mint: false }
    const parts = {
      ...{ registry, store: runs, clock, owner: this.#owner, principal, maxTurnBytes, logError },
      onEnd: (requests: ReadonlySet<number>) => {
        if (!this.#isForgotten) this.#ledger.release(requests)
      },
      onPending: (change: number) => {
        if (!this.#isForgotten) this.#onPending(change)
      },
      onTurns: (count: number) => onTurns?.(this.name, count),
      onLost: (count: number) => onLost?.(this.name, count),
    }
    if (this.name !== "claude-code-hooks")
      return new ForeignRunWriter({ ...parts, idempotencyKey: `ingest:${token_id}:${key}` })
    return new HookRunWriter({ ...parts, key, session: hookSessionOf(this.#hookSessions, key, clock) })
  }
}
